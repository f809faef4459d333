// How a prediction looks: its letters, the genre in words, how sure, and the bars.

import { el } from "./dom.js";
import { genreClass, tile, UNKNOWN } from "./genres.js";
import { percent } from "./words.js";

/** The letters, then the genre and how sure that is. */
export function predictionBlock(decision) {
  const unknown = decision.genre === UNKNOWN;
  const sure = unknown
    ? `perhaps ${decision.best}, ${percent(decision.confidence)}`
    : `${percent(decision.confidence)} sure`;
  return el(
    "div",
    { class: "prediction" },
    tile(decision.genre, { big: true }),
    el(
      "div",
      {},
      el("strong", { class: "genre" }, decision.genre),
      el("small", { class: "sure number" }, sure),
    ),
  );
}

/** The likeliest genres as bars; of silence, in which none is likelier than another, none. */
export function bars(decision, most = 3) {
  return el(
    "ul",
    { class: "bars", "aria-label": "Likeliest genres" },
    decision.confidence > 0 ? decision.shares.slice(0, most).map(barOf) : [],
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
