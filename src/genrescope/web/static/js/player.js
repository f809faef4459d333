// The one sound of the page, and the bar at its foot that shows what plays.

import { byId, el, whileShown } from "./dom.js";
import { decide, onOptions } from "./decide.js";
import { tile } from "./genres.js";
import { icon } from "./icons.js";
import { clock, fileName } from "./words.js";

const audio = new Audio();
audio.preload = "none";
const watchers = new Set();
let song = null;
let frame = null;
let parts = null;

/** Calls `watch()` whenever something plays, pauses, or time goes by; returns how to stop that. */
export function onPlayer(watch) {
  watchers.add(watch);
  return () => watchers.delete(watch);
}

const playing = (id) => song?.id === id && !audio.paused;
export const position = (id) => (song?.id === id ? audio.currentTime : null);

/** Plays a song, from a second or from where it was. */
export function play(wanted, from = null, its = undefined) {
  if (song?.id !== wanted.id) load(wanted, its);
  if (from !== null) audio.currentTime = from;
  audio.play().catch(() => {});
}

export function toggle(wanted, its) {
  if (playing(wanted.id)) audio.pause();
  else play(wanted, null, its);
}

function load(wanted, its) {
  [song, frame] = [wanted, its];
  audio.src = `/api/songs/${wanted.id}/audio`;
  draw();
}

/** What the browser cannot decode comes as WAV, once. */
audio.addEventListener("error", () => {
  if (!song || audio.src.includes("as=wav")) return;
  const from = audio.currentTime;
  audio.src = `/api/songs/${song.id}/audio?as=wav`;
  if (from) audio.currentTime = from;
  audio.play().catch(() => {});
});

for (const kind of ["play", "pause", "timeupdate", "seeked", "ended", "loadedmetadata", "error"]) {
  audio.addEventListener(kind, publish);
}

function publish() {
  if (parts) update();
  watchers.forEach((watch) => watch());
}

function draw() {
  const bar = byId("player");
  const button = el("button", { type: "button", class: "round", onclick: () => toggle(song, frame) });
  const go = () => (audio.currentTime = seek.value);
  const seek = el("input", { type: "range", min: 0, step: 1, "aria-label": "Position", oninput: go });
  const time = el("span", { class: "number soft" });
  const genre = el("span", { class: "row now" });
  const label = { "aria-label": "Close the player" };
  const close = el("button", { type: "button", class: "plain", onclick: stop, ...label }, icon("close"));
  parts = { button, seek, time, genre };
  const name = song.title || fileName(song.path);
  bar.replaceChildren(
    button,
    genre,
    el("span", { class: "cut name", title: song.path }, name),
    seek,
    time,
    close,
  );
  bar.hidden = false;
  document.documentElement.style.setProperty("--player", "3.6rem");
  showAnswer();
  update();
}

function showAnswer() {
  if (!song) return;
  const known = song.probabilities ? decide(song, frame) : null;
  parts.genre.replaceChildren(...(known ? [tile(known.genre)] : []));
}
onOptions(showAnswer);

function update() {
  const length = Number.isFinite(audio.duration) ? audio.duration : song.duration || 0;
  face(parts.button, !audio.paused, "");
  parts.seek.max = Math.max(1, Math.floor(length));
  parts.seek.value = audio.currentTime;
  parts.seek.setAttribute("aria-valuetext", `${clock(audio.currentTime)} of ${clock(length)}`);
  const failed = audio.error && audio.src.includes("as=wav");
  parts.time.textContent = failed ? "cannot be played" : `${clock(audio.currentTime)} / ${clock(length)}`;
}

/** What a play button shows; it is touched only where that changes. */
function face(button, plays, name) {
  const label = `${plays ? "Pause" : "Play"} ${name}`.trim();
  if (button.getAttribute("aria-label") === label) return;
  button.setAttribute("aria-label", label);
  button.replaceChildren(icon(plays ? "pause" : "play"));
}

function stop() {
  audio.pause();
  audio.removeAttribute("src");
  song = parts = null;
  byId("player").hidden = true;
  document.documentElement.style.setProperty("--player", "0rem");
  watchers.forEach((watch) => watch());
}

/** A play button for a song, which shows whether it plays; forgotten once it has left the page. */
export function playButton(its, name, itsFrame) {
  const press = () => toggle(its, itsFrame);
  const button = el("button", { type: "button", class: "round", onclick: press });
  whileShown(button, onPlayer, () => face(button, playing(its.id), name));
  face(button, playing(its.id), name);
  return button;
}
