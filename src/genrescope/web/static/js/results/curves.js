// Learning curves and the reliability curve of one result.

import { el, svg } from "../dom.js";
import { axes, line, QUARTERS, ticks } from "./axes.js";

const [WIDTH, HEIGHT] = [340, 230];

/** Every split thin, their mean bold, dots where the weights were kept; null where none was kept. */
export function learningCurves(result) {
  const charts = [
    curve(result, "Log loss", [
      ["loss", "training"],
      ["val_loss", "validation"],
    ]),
    curve(result, "Macro recall on validation", [["val_macro_recall", "validation"]]),
  ].filter(Boolean);
  return charts.length
    ? charts
    : [el("p", { class: "soft" }, "No learning curves: it is not trained in epochs.")];
}

function curve(result, title, columns) {
  const lines = columns.flatMap(([column, part]) =>
    result.histories
      .filter((log) => log.columns[column]?.length)
      .map((log) => ({ values: log.columns[column], best: log.best_epoch, column, part })),
  );
  if (lines.length === 0) return null;
  const chart = frameOf(lines, `${title} by epoch, ${result.histories.length} runs`);
  for (const [column, part] of columns)
    draw(
      chart,
      lines.filter((one) => one.column === column),
      part,
    );
  const legend = columns.length > 1 ? " Solid: validation; dashed: training." : "";
  return el(
    "figure",
    {},
    chart.node,
    el(
      "figcaption",
      {},
      el("strong", {}, title),
      `. Thin: each run; bold: their mean; dots: weights kept.${legend}`,
    ),
  );
}

function frameOf(lines, label) {
  const values = lines.flatMap((one) => one.values).filter((value) => value !== null);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const epochs = Math.max(...lines.map((one) => one.values.length));
  const y = { from: Math.min(0, low), to: high, ticks: ticks(Math.min(0, low), high), text: String };
  return axes(
    WIDTH,
    HEIGHT,
    { from: 1, to: Math.max(2, epochs), ticks: ticks(1, epochs), text: String, title: "epoch" },
    y,
    label,
  );
}

function draw({ node, atX, atY }, lines, part) {
  const path = (values, kind) =>
    line(
      values.map((value, epoch) => [atX(epoch + 1), value === null ? null : atY(value)]),
      { class: `${kind} ${part}` },
    );
  for (const { values, best } of lines) {
    node.append(path(values, "thin"));
    if (part === "validation" && values[best] !== undefined) {
      node.append(svg("circle", { class: "kept", cx: atX(best + 1), cy: atY(values[best]), r: 2.6 }));
    }
  }
  const shortest = Math.min(...lines.map((one) => one.values.length));
  const mean = Array.from(
    { length: shortest },
    (_, epoch) => lines.reduce((sum, one) => sum + one.values[epoch], 0) / lines.length,
  );
  node.append(path(mean, "bold"));
}

/** How right the predictions are against how sure they are; the area of a dot is its songs. */
export function reliability(result) {
  const bins = result.reliability.filter((bin) => bin.count > 0);
  const share = { ...QUARTERS, title: "how sure, %" };
  const chart = axes(
    WIDTH,
    HEIGHT,
    share,
    { ...QUARTERS },
    `Reliability: ${bins.map((bin) => `${Math.round(100 * bin.confidence)} % sure, ${Math.round(100 * bin.accuracy)} % right`).join("; ")}`,
  );
  const most = Math.max(...bins.map((bin) => bin.count));
  chart.node.append(
    line(
      [
        [chart.atX(0), chart.atY(0)],
        [chart.atX(1), chart.atY(1)],
      ],
      { class: "ideal" },
    ),
  );
  chart.node.append(
    line(
      bins.map((bin) => [chart.atX(bin.confidence), chart.atY(bin.accuracy)]),
      { class: "thin validation" },
    ),
  );
  for (const bin of bins) {
    const dot = {
      cx: chart.atX(bin.confidence),
      cy: chart.atY(bin.accuracy),
      r: 2 + 6 * Math.sqrt(bin.count / most),
    };
    chart.node.append(svg("circle", { class: "dot", ...dot }, svg("title", {}, `${bin.count} songs`)));
  }
  const caption = el(
    "figcaption",
    {},
    el("strong", {}, "Reliability"),
    ". How often right (up) against how sure (across); dashed: as it should be.",
  );
  return el("figure", {}, chart.node, caption);
}
