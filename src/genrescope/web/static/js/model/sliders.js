// Threshold and genre shares as sliders.

import { onOptions, prior, setOptions, threshold } from "../decide.js";
import { el, newId, svg, whileShown } from "../dom.js";
import { tile } from "../genres.js";
import { axes, line, QUARTERS } from "../results/axes.js";
import { percent } from "../words.js";

/** The least confidence with which a genre is named, and what was measured of it. */
export function thresholdSlider(card) {
  const slider = el("input", { type: "range", min: 0, max: 1, step: 0.01, id: newId("threshold") });
  const value = el("output", { class: "number", for: slider.id });
  const reset = el(
    "button",
    { type: "button", onclick: () => setOptions({ threshold: null }) },
    `The model's own: ${percent(card.threshold)}`,
  );
  const summary = el("p", { class: "soft number" });
  const chart = card.coverage.length > 1 ? coverageChart(card.coverage) : null;
  slider.addEventListener("input", () => setOptions({ threshold: Number(slider.value) }));
  const show = () => {
    slider.value = threshold();
    slider.setAttribute("aria-valuetext", percent(threshold()));
    value.textContent = percent(threshold());
    summary.textContent = effect(card.coverage, threshold());
    chart?.mark(threshold());
  };
  const node = el(
    "div",
    { class: "stack" },
    el(
      "div",
      { class: "row spread" },
      el("label", { for: slider.id }, el("strong", {}, "Threshold "), value),
      reset,
    ),
    slider,
    summary,
    chart?.node ?? "",
  );
  whileShown(node, onOptions, show);
  show();
  return node;
}

function effect(coverage, least) {
  const point = measured(coverage, least);
  if (!point) return "Below it the genre is unknown.";
  const [named, right] = [percent(point.coverage), percent(point.accuracy)];
  return `Below it the genre is unknown. On songs held out, ${named} got a genre, and ${right} of those the right one.`;
}

/** What was measured of a threshold; between two that were measured, on the line from one to the other. */
function measured(coverage, least) {
  const above = coverage.findIndex((one) => one.threshold >= least);
  if (above <= 0) return above === 0 ? coverage[0] : coverage.at(-1);
  const [one, other] = [coverage[above - 1], coverage[above]];
  const way = (least - one.threshold) / (other.threshold - one.threshold);
  const between = (name) => one[name] + way * (other[name] - one[name]);
  return { coverage: between("coverage"), accuracy: between("accuracy") };
}

/** Accuracy of the named genres against the share of songs that get one. */
function coverageChart(coverage) {
  const least = Math.max(0, Math.floor(10 * Math.min(...coverage.map((one) => one.accuracy)) - 0.5) / 10);
  const rounds = Array.from({ length: 5 }, (_, step) => least + ((1 - least) * step) / 4);
  const y = { from: least, to: 1, ticks: rounds, text: (tick) => String(Math.round(100 * tick)) };
  const chart = axes(
    440,
    230,
    { ...QUARTERS, title: "songs that get a genre, %" },
    y,
    "Accuracy of the named genres against the share of songs that get one",
  );
  const at = (one) => [chart.atX(one.coverage), chart.atY(one.accuracy)];
  const dot = svg("circle", { class: "now", r: 5.5 });
  chart.node.append(
    line(coverage.filter((one) => one.coverage > 0).map(at), { class: "bold validation" }),
    dot,
  );
  const mark = (value) => {
    const [x, y] = at(measured(coverage, value));
    dot.setAttribute("cx", x);
    dot.setAttribute("cy", y);
  };
  const caption = el(
    "figcaption",
    {},
    el("strong", {}, "Right genres, %"),
    ", against songs that get one. The dot: the threshold above.",
  );
  return { node: el("figure", {}, chart.node, caption), mark };
}

/** How common each genre is thought to be; what one gains the others lose. */
export function priorSliders(card) {
  const reset = el("button", { type: "button", onclick: () => setOptions({ prior: null }) }, "The model's own");
  const even = el(
    "button",
    { type: "button", onclick: () => setOptions({ prior: card.genres.map(() => 1 / card.genres.length) }) },
    "All alike",
  );
  const rows = card.genres.map((genre, place) => priorRow(genre, place));
  const list = el(
    "ul",
    { class: "priors" },
    rows.map((row) => row.node),
  );
  const about = el(
    "p",
    { class: "soft" },
    "How common each genre is among your songs. The more common, the sooner it is predicted.",
  );
  const node = el(
    "div",
    { class: "stack" },
    el(
      "div",
      { class: "row spread" },
      el("strong", {}, "Shares of the genres"),
      el("div", { class: "row" }, even, reset),
    ),
    about,
    list,
  );
  const show = () => rows.forEach((row) => row.show());
  whileShown(node, onOptions, show);
  show();
  return node;
}

function priorRow(genre, place) {
  const slider = el("input", { type: "range", min: 0.002, max: 0.9, step: 0.002, id: newId("prior") });
  const value = el("output", { class: "number", for: slider.id });
  slider.addEventListener("input", () => setOptions({ prior: withShare(prior(), place, Number(slider.value)) }));
  const show = () => {
    const share = prior()[place];
    if (document.activeElement !== slider) slider.value = share;
    slider.setAttribute("aria-valuetext", percent(share));
    value.textContent = percent(share);
  };
  const label = el(
    "label",
    { for: slider.id, class: "row tight" },
    tile(genre),
    el("span", { class: "cut" }, genre),
  );
  return { node: el("li", {}, label, slider, value), show };
}

/** Shares with the one at `place` set, and the others scaled so that all sum to 1. */
function withShare(shares, place, share) {
  const rest = shares.reduce((sum, value, at) => (at === place ? sum : sum + value), 0);
  return shares.map((value, at) => (at === place ? share : (value * (1 - share)) / rest));
}
