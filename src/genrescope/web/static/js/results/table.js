// The results of one data set and protocol, to be sorted and ticked.

import { el } from "../dom.js";
import { count } from "../words.js";
import { markSign, nameOf } from "./marks.js";

const share = (interval) => (100 * interval.value).toFixed(1);

const COLUMNS = [
  {
    title: "Sets",
    value: (one) => one.feature_sets.join(" + "),
    text: (one) => one.feature_sets.join(" + "),
    head: true,
  },
  { title: "Learner", value: (one) => one.learner, text: (one) => one.learner.replaceAll("_", " ") },
  { title: "Kind", value: (one) => one.kind, text: (one) => one.kind },
  { title: "Macro recall, %", value: (one) => one.macro_recall.value, node: recallBar, first: true },
  {
    title: "Accuracy, %",
    value: (one) => one.accuracy.value,
    text: (one) => share(one.accuracy),
    number: true,
    first: true,
  },
  {
    title: "Macro F1, %",
    value: (one) => one.macro_f1.value,
    text: (one) => share(one.macro_f1),
    number: true,
    first: true,
  },
  {
    title: "Top 3, %",
    value: (one) => one.top3.value,
    text: (one) => share(one.top3),
    number: true,
    first: true,
  },
  {
    title: "Log loss",
    value: (one) => one.log_loss.value,
    text: (one) => one.log_loss.value?.toFixed(3) ?? "",
    number: true,
  },
  {
    title: "Calibration error, %",
    value: (one) => one.calibration_error.value,
    text: (one) => share(one.calibration_error),
    number: true,
  },
  {
    title: "Parameters",
    value: (one) => one.parameters ?? 0,
    text: (one) => (one.parameters ? count(one.parameters) : ""),
    number: true,
  },
];

export function resultTable({ title, results }, tick) {
  const order = { column: COLUMNS[3], down: true };
  const body = el("tbody");
  const rows = new Map(results.map((result) => [result.id, rowOf(result, tick)]));
  const sort = (column) => {
    order.down = order.column === column ? !order.down : Boolean(column.first);
    order.column = column;
    show();
  };
  const heads = COLUMNS.map((column) => {
    const button = el("button", { type: "button", onclick: () => sort(column) }, column.title);
    return el("th", { scope: "col", class: column.number ? "number" : null }, button);
  });
  const show = () => {
    body.replaceChildren(...sorted(results, order).map((result) => rows.get(result.id).node));
    heads.forEach((cell, place) => mark(cell, COLUMNS[place] === order.column, order.down));
  };
  show();
  const tickHead = el("th", { scope: "col" }, el("span", { class: "hush" }, "Beside"));
  const majority = (100 * results[0].majority_rate).toFixed(1);
  const caption = el(
    "caption",
    {},
    el("strong", {}, title),
    `, ${count(results[0].rows)} predictions each; always the commonest genre: ${majority} % accuracy`,
  );
  const table = el(
    "table",
    { class: "results" },
    caption,
    el("thead", {}, el("tr", {}, tickHead, heads)),
    body,
  );
  return {
    node: el(
      "div",
      { class: "scroll tall", tabindex: 0, role: "region", "aria-label": `Results: ${title}` },
      table,
    ),
    mark: (chosen) => rows.forEach((row, id) => row.mark(chosen.findIndex((result) => result.id === id))),
  };
}

function mark(cell, isSorted, down) {
  if (isSorted) cell.setAttribute("aria-sort", down ? "descending" : "ascending");
  else cell.removeAttribute("aria-sort");
}

function sorted(results, { column, down }) {
  const compare = (one, other) => {
    const [a, b] = [column.value(one), column.value(other)];
    return typeof a === "string" ? a.localeCompare(b) : (a ?? -1) - (b ?? -1);
  };
  return [...results].sort((one, other) => (down ? -1 : 1) * compare(one, other));
}

function rowOf(result, tick) {
  const box = el("input", { type: "checkbox", "aria-label": nameOf(result) });
  box.addEventListener("change", () => tick(result, box.checked));
  const sign = el("span");
  const cells = COLUMNS.map((column) => {
    const content = column.node ? column.node(result) : column.text(result);
    return el(
      column.head ? "th" : "td",
      { scope: column.head ? "row" : null, class: column.number ? "number" : null },
      content,
    );
  });
  const node = el("tr", {}, el("td", {}, el("span", { class: "row tight" }, box, sign)), cells);
  const mark = (place) => {
    box.checked = place >= 0;
    sign.replaceChildren(place >= 0 ? markSign(place) : "");
    node.classList.toggle("chosen", place >= 0);
  };
  return { node, mark };
}

/** The number, and under it a bar with its interval. */
function recallBar({ macro_recall: { value, low, high } }) {
  const fill = el("span", { class: "amount" });
  const whisker = el("span", { class: "whisker" });
  fill.style.width = `${100 * value}%`;
  whisker.style.left = `${100 * low}%`;
  whisker.style.width = `${100 * (high - low)}%`;
  const text = el(
    "span",
    { class: "number" },
    (100 * value).toFixed(1),
    el("small", {}, ` ${Math.round(100 * low)} to ${Math.round(100 * high)}`),
  );
  return el(
    "span",
    { class: "score" },
    text,
    el("span", { class: "interval", "aria-hidden": "true" }, fill, whisker),
  );
}
