// How an answer about a song looks: its letters, the genre in words, how sure, and the bars.

import { el } from "./dom.js";
import { genreClass, tile, UNKNOWN } from "./genres.js";
import { percent } from "./words.js";

/** The letters, then the genre and how sure that is. */
export function answerBlock(decision) {
  const unknown = decision.genre === UNKNOWN;
  const sure = unknown
    ? `perhaps ${decision.best}, ${percent(decision.confidence)}`
    : `${percent(decision.confidence)} sure`;
  return el(
    "div",
    { class: "answer" },
    tile(decision.genre, { big: true }),
    el(
      "div",
      {},
      el("strong", { class: "genre" }, decision.genre),
      el("small", { class: "sure number" }, sure),
    ),
  );
}

/** The likeliest genres as bars. */
export function bars(decision, most = 3) {
  return el(
    "ul",
    { class: "bars", "aria-label": "Likeliest genres" },
    decision.shares.slice(0, most).map(barOf),
  );
}

function barOf({ genre, probability }) {
  const fill = el("span", { class: `fill ${genreClass(genre)}` });
  fill.style.width = `${100 * probability}%`;
  return el(
    "li",
    {},
    el("span", { class: "cut" }, genre),
    el("span", { class: "track", "aria-hidden": "true" }, fill),
    el("span", { class: "number" }, percent(probability)),
  );
}

/** How many songs of each genre, as one band; a part is a button that filters. */
export function ribbon(counts, { label, chosen, onpick }) {
  const total = counts.reduce((sum, { songs }) => sum + songs, 0);
  const parts = counts
    .filter(({ songs }) => songs > 0)
    .map(({ genre, songs }) => {
      const pressed = chosen.has(genre);
      const text = el(
        "span",
        { class: "cut" },
        `${genre} `,
        el("span", { class: "number" }, songs.toLocaleString("en")),
      );
      const attributes = {
        type: "button",
        class: `part ${genreClass(genre)}`,
        "aria-pressed": String(pressed),
        title: `${genre}: ${songs}`,
      };
      const part = el("button", { ...attributes, onclick: () => onpick(genre) }, tile(genre), text);
      part.style.flexGrow = Math.max(songs / total, 0.02);
      return part;
    });
  return el("div", { class: "ribbon", role: "group", "aria-label": label }, parts);
}
