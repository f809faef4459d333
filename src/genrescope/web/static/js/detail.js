// One song closely: its waveform with the genre over time under it, its pictures, and its explanation.

import { get } from "./api.js";
import { decide, onOptions, served } from "./decide.js";
import { el, newId, problem, svg, whileShown } from "./dom.js";
import { genreClass, genreCode, tile } from "./genres.js";
import { onPlayer, play, position } from "./player.js";
import { explanationPart } from "./explanation.js";
import { clock, percent } from "./words.js";

const STEPS = { ArrowLeft: -5, ArrowRight: 5, ArrowDown: -5, ArrowUp: 5, PageDown: -30, PageUp: 30 };

/** Everything about a song that is made on demand. */
export function songDetail(song) {
  const time = el("div", { class: "time" }, el("p", { class: "soft" }, "Classifying the whole song …"));
  const shown = el("div", { class: "stack" });
  drawTime(time, song);
  return el("div", { class: "detail stack" }, time, choices(song, shown), shown);
}

async function drawTime(place, song) {
  const [wave, line] = await Promise.allSettled([
    get(`/api/songs/${song.id}/waveform`, { points: 800 }),
    get(`/api/songs/${song.id}/timeline`),
  ]);
  if (wave.status === "rejected") return place.replaceChildren(problem(wave.reason));
  const failure = line.status === "rejected" ? problem(line.reason) : null;
  place.replaceChildren(scope(song, wave.value, line.value ?? null), failure ?? "");
}

/** Waveform and strip as one slider: click, drag or arrow keys go to a place. */
function scope(song, wave, line) {
  const needle = el("span", { class: "needle" });
  const strip = el("div", { class: "strip" });
  const runs = el("ul", { class: "runs", "aria-label": "Genre over time" });
  const label = { role: "slider", tabindex: 0, "aria-label": "Place in the song", "aria-valuemin": 0 };
  const box = el(
    "div",
    { class: "scope", ...label, "aria-valuemax": Math.round(wave.duration) },
    waveform(wave),
    strip,
    needle,
  );
  let parts = [];
  const showStrip = () => {
    parts = line ? segments(line, wave.duration) : [];
    strip.replaceChildren(...parts.map((part) => segment(part, wave.duration)));
    runs.replaceChildren(...together(parts).map(runItem));
  };
  const showPlace = () => showAt(box, needle, position(song.id) ?? 0, wave.duration, parts);
  const frame = {
    model: line?.model,
    genres: line?.genres ?? [],
    prior: served?.prior,
    threshold: served?.threshold,
  };
  const go = (seconds) =>
    play(song, Math.min(Math.max(seconds, 0), wave.duration - 0.1), line ? frame : undefined);
  box.addEventListener("pointerdown", (event) => go(secondsAt(event, box, wave.duration)));
  box.addEventListener("keydown", (event) => steer(event, go, song, wave.duration));
  showStrip();
  showPlace();
  whileShown(box, onPlayer, showPlace);
  whileShown(box, onOptions, showStrip);
  const ends = [el("span", {}, "0:00"), el("span", {}, clock(wave.duration))];
  const under = el("div", { class: "row spread ends number", "aria-hidden": "true" }, ends);
  return el("div", {}, box, under, runs);
}

const secondsAt = (event, box, duration) => {
  const area = box.getBoundingClientRect();
  return ((event.clientX - area.left) / area.width) * duration;
};

function steer(event, go, song, duration) {
  const now = position(song.id) ?? 0;
  const places = { Home: 0, End: duration - 1, Enter: now, " ": now };
  const wanted = event.key in STEPS ? now + STEPS[event.key] : places[event.key];
  if (wanted === undefined) return;
  event.preventDefault();
  go(wanted);
}

function showAt(box, needle, seconds, duration, parts) {
  needle.style.left = `${(100 * seconds) / duration}%`;
  const here = parts.find((part) => seconds < part.end) ?? parts.at(-1);
  const genre = here ? `, ${here.genre}, ${percent(here.confidence)}` : "";
  box.setAttribute("aria-valuenow", Math.round(seconds));
  box.setAttribute("aria-valuetext", `${clock(seconds)} of ${clock(duration)}${genre}`);
}

/** One path, up along the highest and back along the lowest values. */
function waveform({ low, high }) {
  const up = high.map((value, place) => `${place} ${(1 - value).toFixed(3)}`);
  const down = low.map((value, place) => `${place} ${(1 - value).toFixed(3)}`).reverse();
  const view = { viewBox: `0 0 ${high.length - 1} 2`, preserveAspectRatio: "none", "aria-hidden": "true" };
  return svg("svg", { class: "wave", ...view }, svg("path", { d: `M${[...up, ...down].join("L")}Z` }));
}

/** Each window's genre, for the part of the song nearest to the window's middle. */
function segments(line, duration) {
  const frame = {
    model: line.model,
    genres: line.genres,
    prior: served?.prior,
    threshold: served?.threshold,
  };
  const middles = line.moments.map((moment) => moment.start + moment.seconds / 2);
  return line.moments.map((moment, place) => ({
    ...decide({ ...moment, model: line.model }, frame),
    start: place === 0 ? 0 : (middles[place - 1] + middles[place]) / 2,
    end: place === middles.length - 1 ? duration : (middles[place] + middles[place + 1]) / 2,
  }));
}

function segment(part, duration) {
  const wide = (part.end - part.start) / duration > 0.025;
  const node = el(
    "span",
    { class: `segment ${genreClass(part.genre)}` },
    wide ? genreCode(part.genre) : null,
  );
  node.style.left = `${(100 * part.start) / duration}%`;
  node.style.width = `${(100 * (part.end - part.start)) / duration}%`;
  node.style.height = `${Math.max(25, 100 * part.confidence)}%`;
  return node;
}

/** Neighbouring parts of one genre as one. */
function together(parts) {
  const runs = [];
  for (const part of parts) {
    if (runs.at(-1)?.genre === part.genre) runs.at(-1).end = part.end;
    else runs.push({ ...part });
  }
  return runs;
}

const runItem = (run) =>
  el(
    "li",
    {},
    tile(run.genre),
    ` ${run.genre} `,
    el("span", { class: "soft number" }, `${clock(run.start)}–${clock(run.end)}`),
  );

function choices(song, shown) {
  const picture = (title, name, about) => toggleFor(title, shown, () => pictureOf(song, title, name, about));
  return el(
    "div",
    { class: "row" },
    toggleFor("Why this genre?", shown, () => explanationPart(song)),
    picture("Sonogram", "sonogram", "Loudness by frequency over time: the middle 30 s, low notes below."),
    picture("Rhythm Pattern", "rhythm_pattern", "How strongly each band of hearing pulses, slow to fast."),
  );
}

/** A button that shows something made at its first press. */
function toggleFor(title, shown, make) {
  const id = newId("shown");
  let made = null;
  const button = el(
    "button",
    { type: "button", class: "toggle", "aria-expanded": "false", "aria-controls": id, onclick: () => flip() },
    title,
  );
  const flip = () => {
    made ??= shown.appendChild(el("section", { id, "aria-label": title, hidden: true }, make()));
    made.hidden = !made.hidden;
    button.setAttribute("aria-expanded", String(!made.hidden));
  };
  return button;
}

function pictureOf(song, title, name, about) {
  const figure = el(
    "figure",
    { class: "picture" },
    el("figcaption", {}, el("strong", {}, title), ` ${about}`),
  );
  const failed = () =>
    image.replaceWith(problem(new Error(`The ${title.toLowerCase()} of this song cannot be made.`)));
  const image = el("img", {
    alt: `${title} of ${song.path}. ${about}`,
    src: `/api/songs/${song.id}/${name}.png`,
    onerror: failed,
  });
  figure.append(image);
  return figure;
}
