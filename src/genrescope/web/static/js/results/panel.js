// One result closely: its numbers, confusion, curves, and the command that makes it again.

import { el } from "../dom.js";
import { wait } from "../words.js";
import { confusion } from "./confusion.js";
import { learningCurves, reliability } from "./curves.js";
import { markSign, nameOf } from "./marks.js";

export function resultPanel(result, place) {
  const warnings = result.warnings.length
    ? el(
        "ul",
        { class: "warnings", "aria-label": "Warnings" },
        result.warnings.map((text) => el("li", {}, text)),
      )
    : null;
  const seed = `seed ${result.seed}, ${wait(result.seconds)}`;
  const command = el(
    "div",
    {},
    el("p", { class: "soft" }, `Made by (${seed})`),
    el("pre", { class: "command", tabindex: 0 }, result.command),
  );
  return el(
    "section",
    { class: "panel stack", "aria-label": nameOf(result) },
    el("h4", {}, markSign(place), ` ${nameOf(result)}`),
    warnings,
    confusion(result),
    el("div", { class: "figures" }, reliability(result), learningCurves(result)),
    command,
  );
}
