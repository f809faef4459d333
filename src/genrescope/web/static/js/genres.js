// How a genre looks: a colour, two letters and, on the map, a shape. Never the colour alone.

import { el } from "./dom.js";

export const UNKNOWN = "unknown";
export const FAILED = "failed"; // stands where a song has no prediction at all
export const NOT_CLASSIFIED = "none";
const SIGNS = { [UNKNOWN]: "?", [FAILED]: "!", [NOT_CLASSIFIED]: "·" };
const MEANINGS = {
  [UNKNOWN]: "unknown: the model is not sure enough to name a genre",
  [FAILED]: "failed: the file could not be read or classified",
  [NOT_CLASSIFIED]: "not classified yet",
};
const COLOURS = 13;

const SLOTS = {
  blues: 6,
  classical: 8,
  country: 1,
  disco: 12,
  hiphop: 11,
  jazz: 5,
  metal: 7,
  pop: 0,
  reggae: 3,
  rock: 10,
  electronic: 9,
  folk: 2,
  international: 4,
  latin: 12,
  newage: 8,
  poprock: 0,
  rap: 11,
  rnb: 10,
  vocal: 7,
  world: 4,
  rbsoul: 6,
};

const key = (genre) => genre.toLowerCase().replace(/[^a-z0-9]/g, "");

let known = new Map();

/** Takes the genres that are shown, in their order, and deals out colours and letters. */
export function setGenres(genres) {
  known = new Map();
  addGenres(genres);
}

/** The same for further names, as styles; those that are known keep theirs. */
export function addGenres(names) {
  const letters = new Set([...known.values()].map((one) => one.code));
  names.forEach((genre, place) => {
    if (known.has(genre)) return;
    const code = codeOf(key(genre), letters);
    letters.add(code);
    known.set(genre, { code, slot: SLOTS[key(genre)] ?? place % COLOURS, place });
  });
}

/** The first letter with the first later one that makes it unlike the others. */
function codeOf(name, taken) {
  for (const letter of name.slice(1) + "0123456789") {
    const code = name[0].toUpperCase() + letter;
    if (!taken.has(code)) return code;
  }
  return name.slice(0, 2);
}

export const look = (genre) => known.get(genre);

/** The class that sets --genre and --on-genre. */
export const genreClass = (genre) => (known.has(genre) ? `g${known.get(genre).slot}` : genre === FAILED ? "g-failed" : "g-none");

export const genreCode = (genre) => known.get(genre)?.code ?? SIGNS[genre] ?? genre.slice(0, 2);

/** What stands for a genre, in words. */
export const meaning = (genre) => MEANINGS[genre] ?? genre;

/** The small square with a genre's letters; beside its name it is decoration. */
export function tile(genre, { big = false, unsure = genre === UNKNOWN } = {}) {
  const look = genre === FAILED ? " failed" : unsure ? " unsure" : "";
  const kind = `tile ${genreClass(genre)}${big ? " big" : ""}${look}`;
  return el("span", { class: kind, "aria-hidden": "true" }, genreCode(genre));
}

/** Colours of all slots and of ink as the theme has them now, for a canvas. */
export function colours() {
  const probe = el("span", { hidden: true });
  document.body.append(probe);
  const read = (name, kind) => {
    probe.className = kind;
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const slots = Array.from({ length: COLOURS }, (_, slot) => read("--genre", `g${slot}`));
  const found = { slots, on: slots.map((_, slot) => read("--on-genre", `g${slot}`)) };
  for (const name of ["page", "ink", "soft", "faint", "line"]) found[name] = read(`--${name}`, "");
  probe.remove();
  return found;
}
