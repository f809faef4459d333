// Styles, moods, voices and instruments of a song, in ink: colour means genre.

import { el } from "./dom.js";
import { percent } from "./words.js";

export const KINDS = { style: "Style", mood: "Mood", voice: "Voice", instrument: "Instrument" };

/** The labels as chips, by kind; null where a song has none. */
export function labelChips(labels) {
  if (!labels?.length) return null;
  const chips = labels.map(({ kind, name, probability }) =>
    el(
      "li",
      { class: `chip ${kind}`, title: `${KINDS[kind]}: ${name}, ${percent(probability)}` },
      el("span", { class: "hush" }, `${KINDS[kind]} `),
      name,
    ),
  );
  return el("ul", { class: "labels", "aria-label": "Styles, moods, voices, instruments" }, chips);
}

/** The same in a line of text. */
export const labelLine = (labels) => (labels ?? []).map((label) => label.name).join(" · ");
