// How results are distinguished: a letter and a shape, in ink.

import { el, svg } from "../dom.js";

const SHAPES = [
  (r) => svg("circle", { r, class: "solid" }),
  (r) => svg("rect", { x: -r, y: -r, width: 2 * r, height: 2 * r, class: "hollow" }),
  (r) => svg("path", { d: `M0 ${-1.4 * r}L${1.4 * r} 0 0 ${1.4 * r} ${-1.4 * r} 0Z`, class: "solid" }),
  (r) => svg("path", { d: `M0 ${-1.3 * r}L${1.2 * r} ${0.9 * r} ${-1.2 * r} ${0.9 * r}Z`, class: "hollow" }),
];

const letterOf = (place) => "ABCD"[place];

/** The mark of the result at a place, in a chart. */
export const markAt = (place, x, y, r = 4.5) =>
  svg("g", { transform: `translate(${x} ${y})` }, SHAPES[place](r));

/** The same in text. */
export const markSign = (place) =>
  el(
    "span",
    { class: "sign" },
    svg("svg", { viewBox: "-8 -8 16 16", "aria-hidden": "true" }, SHAPES[place](4.8)),
    letterOf(place),
  );

export const nameOf = (result) =>
  `${result.feature_sets.join(" + ")}, ${result.learner.replaceAll("_", " ")}`;
