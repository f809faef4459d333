// How many songs of each genre, as one band.

import { el } from "./dom.js";
import { FAILED, genreClass, meaning, NOT_CLASSIFIED, tile, UNKNOWN } from "./genres.js";
import { count } from "./words.js";

/**
 * The band; `show(songs)` draws it from a Map of genre to number of songs.
 *
 * With a set `chosen`, its parts are buttons that put a genre in and take it out, and then call
 * `changed()`.
 */
export function ribbon({ label, chosen = null, changed = () => {} }) {
  const node = el("div", { class: "ribbon", role: "group", "aria-label": label });
  const press = (genre) => {
    if (!chosen.delete(genre)) chosen.add(genre);
    changed();
  };
  const show = (songs) => {
    const focused = [...node.children].indexOf(document.activeElement);
    const total = [...songs.values()].reduce((sum, number) => sum + number, 0);
    node.replaceChildren(
      ...ordered(songs).map(([genre, number]) => part(genre, number, total, chosen, press)),
    );
    node.children[focused]?.focus();
  };
  return { node, show };
}

const LAST = [UNKNOWN, NOT_CLASSIFIED, FAILED];

/** The commonest first; then what is unknown, not classified, failed. */
export const ordered = (songs) =>
  [...songs]
    .filter(([, number]) => number > 0)
    .sort((one, other) => LAST.indexOf(one[0]) - LAST.indexOf(other[0]) || other[1] - one[1]);

function part(genre, number, total, chosen, press) {
  const name = genre === NOT_CLASSIFIED ? "not classified" : genre;
  const text = el("span", { class: "cut" }, `${name} `, el("span", { class: "number" }, count(number)));
  const attributes = { class: `part ${genreClass(genre)}`, title: `${meaning(genre)} (${count(number)})` };
  const pressed = { type: "button", "aria-pressed": String(chosen?.has(genre)), onclick: () => press(genre) };
  const node = chosen
    ? el("button", { ...attributes, ...pressed }, tile(genre), text)
    : el("span", attributes, tile(genre), text);
  node.style.flexGrow = Math.max(number / total, 0.02);
  return node;
}

/** How often each genre occurs. */
export function tally(genres) {
  const songs = new Map();
  for (const genre of genres) songs.set(genre, (songs.get(genre) ?? 0) + 1);
  return songs;
}
