// The map of a library: songs that sound alike lie near each other.

import { get } from "../api.js";
import { onOptions, served, threshold } from "../decide.js";
import { el, field, option, problem, settled, whileShown } from "../dom.js";
import { addGenres, colours, setGenres, tile, UNKNOWN } from "../genres.js";
import { KINDS } from "../labels.js";
import { sheetOf } from "../library/sheet.js";
import { play } from "../player.js";
import { ribbon, tally } from "../ribbon.js";
import { fileName, percent, plural } from "../words.js";
import { chart } from "./chart.js";

const MOST_LABELS = 13; // as many as there are colours
const known = new Map(); // songs that were pointed at
const dark = matchMedia("(prefers-color-scheme: dark)");

export async function showMap(place, status) {
  place.append(el("h2", { id: "map-title", tabindex: -1 }, "Map"));
  if (status.libraries.length === 0) {
    return place.append(el("p", { class: "empty" }, "No library is open, so there is nothing to map."));
  }
  const shown = el("div", { class: "stack" });
  const draw = async (library) => {
    shown.replaceChildren(el("p", { class: "soft" }, "Laying out the songs …"));
    try {
      const data = await get("/api/map", { library });
      const drawn = el("div", { class: "stack" });
      const show = (kind) => drawn.replaceChildren(...mapOf(kind ? byLabel(data, kind) : data));
      shown.replaceChildren(colouring(data, show), drawn);
      show("");
    } catch (error) {
      shown.replaceChildren(problem(error));
    }
  };
  if (status.libraries.length > 1) {
    const names = status.libraries.map((one) => option(one.library, one.name));
    const select = el("select", { onchange: () => draw(Number(select.value)) }, names);
    place.append(el("div", { class: "row" }, field("Library", select)));
  }
  place.append(shown);
  await draw(status.libraries[0].library);
}

/** By what the songs are coloured: genres, or the kinds of labels that they have. */
function colouring(data, show) {
  const kinds = Object.keys(data.labels).filter((kind) => data.labels[kind].names.length);
  const select = el(
    "select",
    { onchange: () => show(select.value) },
    option("", "Genre"),
    kinds.map((kind) => option(kind, KINDS[kind])),
  );
  return el("div", { class: "row", hidden: !kinds.length }, field("Colours", select));
}

/** The same map with the commonest labels of a kind in place of genres; unknown: no such label. */
function byLabel(data, kind) {
  const { names, songs } = data.labels[kind];
  const genres = names.slice(0, MOST_LABELS);
  const named = songs.map((label) => label >= 0 && label < genres.length);
  return {
    ...data,
    kind,
    genres,
    genre: songs.map((label, place) => (named[place] ? label : 0)),
    confidence: named.map((is) => (is ? 100 : -1)),
    songs: data,
  };
}

function mapOf(data) {
  if (data.ids.length === 0) return [el("p", { class: "empty" }, "No song of this library was classified yet.")];
  if (data.kind) addGenres(data.genres);
  else if (data.model !== served?.name) setGenres(data.genres);
  const chosen = new Set();
  const card = el("div", { class: "card", "aria-live": "polite" }, hint());
  const canvas = chart(data, {
    label: `Map of ${plural(data.ids.length, "song")}. Arrow keys go from song to song, space plays, Enter opens, plus and minus zoom.`,
    point: (place) => showCard(card, data, place),
    press: (place) => pressed(card, data, place),
    open: (place) => sheetOf(data.ids[place]).catch((error) => card.replaceChildren(problem(error))),
  });
  const look = () => {
    const unsure = data.model === served?.name && !data.kind ? threshold() : 0;
    canvas.show({ chosen, unsure: 100 * unsure, colours: colours() });
    band.show(tally(data.genre.map((_, place) => genreAt(data, place, 100 * unsure))));
  };
  const what = data.kind ?? "genre";
  const band = ribbon({ label: `Songs by ${what}; press to show only these`, chosen, changed: look });
  whileShown(canvas.node, onOptions, settled(look, 30));
  whileShown(canvas.node, onTheme, look);
  look();
  const about = `${plural(data.ids.length, "song")} by the two directions in which they differ most, which show ${percent(data.explained)} of their differences. Hollow: ${data.kind ? `none of the commonest ${data.kind}s` : "the genre is unknown"}.`;
  return [el("p", { class: "lead" }, about), band.node, el("div", { class: "map" }, canvas.node, card)];
}

/** Calls `act` when the theme or the system's changes; returns how to stop that. */
function onTheme(act) {
  window.addEventListener("theme", act);
  dark.addEventListener("change", act);
  return () => {
    window.removeEventListener("theme", act);
    dark.removeEventListener("change", act);
  };
}

const hint = () =>
  el(
    "p",
    { class: "soft" },
    "Point at a song to see it, press to play it. Wheel or pinch zooms, drag moves; arrow keys go from song to song.",
  );

const genreAt = (data, place, unsure) =>
  data.confidence[place] < unsure ? UNKNOWN : data.genres[data.genre[place]];

let wanted = null;

const fetchSong = settled(async (id, then) => {
  try {
    known.set(id, await get(`/api/songs/${id}`));
  } catch (error) {
    return then(null, error);
  }
  if (wanted === id) then(known.get(id));
}, 60);

/** The song pointed at; what is not known of it yet comes a moment later. */
function showCard(card, data, place, then = () => {}) {
  wanted = place === null ? null : data.ids[place];
  if (place === null) return;
  const plain = data.songs ?? data;
  const genre = plain.genres[plain.genre[place]];
  const fill = (song, error) => {
    if (error) return card.replaceChildren(problem(error));
    card.replaceChildren(...cardOf(song, genre, plain.confidence[place], data.ids[place]));
    then(song);
  };
  if (known.has(wanted)) fill(known.get(wanted));
  else fetchSong(wanted, fill);
}

function cardOf(song, genre, confidence, id) {
  const name = song.title || fileName(song.path);
  const line = [song.artist, song.album].filter(Boolean).join(" · ") || song.path;
  const open = el("button", { type: "button", onclick: () => sheetOf(id) }, "Open");
  const words = el(
    "div",
    { class: "grow" },
    el("div", { class: "cut name" }, name),
    el("small", { class: "cut block" }, `${genre} ${confidence} % · ${line}`),
  );
  return [el("div", { class: "row tight" }, tile(genre), words, open)];
}

function pressed(card, data, place) {
  const id = data.ids[place];
  showCard(card, data, place, (song) =>
    play(song, null, { ...served, model: song.model, genres: (data.songs ?? data).genres }),
  );
}
