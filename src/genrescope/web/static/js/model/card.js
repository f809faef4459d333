// A model's card: what its makers note of it. Any part may be missing, so any JSON can be shown.

import { bars } from "../prediction.js";
import { el } from "../dom.js";
import { look, tile } from "../genres.js";
import { count } from "../words.js";

const TITLES = {
  data: "Data",
  split: "Split",
  scores: "Scores",
  weak_genres: "Weak genres",
  unfair: "What would be unfair",
  licence: "Licence",
  limits: "Limits",
  command: "Made by",
};

export function cardParts(card) {
  const known = Object.keys(TITLES).filter((name) => name in card.card);
  const others = Object.keys(card.card).filter((name) => !(name in TITLES));
  const sections = [...known, ...others].map((name) => section(name, card.card[name]));
  return [el("div", { class: "cards" }, abilities(card), sections)];
}

function abilities(card) {
  const inputs = Object.entries(card.inputs)
    .map(([name, dims]) => `${name} (${count(dims)})`)
    .join(", ");
  const rows = {
    Genres: genreList(card.genres),
    Vocabulary: card.vocabulary ?? "its own",
    Analyses: excerpt(card),
    Inputs: inputs,
  };
  const list = Object.entries(rows).map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]);
  return el("section", { class: "facet" }, el("h3", {}, "What it does"), el("dl", { class: "facts" }, list));
}

function excerpt({ excerpt_seconds: seconds, excerpt_windows: windows }) {
  return windows > 1 ? `${windows} windows of ${seconds} s from all over a song` : `the middle ${seconds} s of a song`;
}

const genreList = (genres) =>
  el(
    "span",
    { class: "genres" },
    genres.map((genre) => el("span", {}, tile(genre), ` ${genre}`)),
  );

function section(name, value) {
  const title = TITLES[name] ?? titled(name);
  const kind = name === "scores" ? "facet wide" : "facet";
  return el("section", { class: kind }, el("h3", {}, title), shown(name, value));
}

const titled = (name) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " ");

/** Text as it is, lists of genres with their letters, objects as facts, alike objects as tables. */
function shown(name, value) {
  if (value === null || typeof value === "boolean") return String(value ?? "none");
  if (typeof value === "number") return number(value);
  if (typeof value === "string") return text(name, value);
  if (Array.isArray(value)) return list(name, value);
  if ("value" in value && "low" in value) return interval(value);
  const entries = Object.entries(value);
  if (entries.every(([key, item]) => look(key) && isShare(item))) return genreBars(entries);
  if (entries.every(([, item]) => typeof item === "number")) return figures(entries);
  if (entries.every(([, item]) => isPlain(item) && !("low" in item))) return named(entries);
  return facts(entries);
}

const facts = (entries) =>
  el(
    "dl",
    { class: "facts" },
    entries.map(([key, item]) => [el("dt", {}, titled(key)), el("dd", {}, shown(key, item))]),
  );

const text = (name, value) =>
  name === "command" ? el("pre", { class: "command", tabindex: 0 }, value) : el("p", {}, value);

const isShare = (value) => typeof value === "number" && value >= 0 && value <= 1;
const isPlain = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

const interval = ({ value, low, high }) =>
  el("span", { class: "number" }, number(value), el("small", {}, ` ${number(low)} to ${number(high)}`));

const genreBars = (entries) =>
  bars({ shares: entries.map(([genre, probability]) => ({ genre, probability })) }, entries.length);

const figures = (entries) =>
  el(
    "ul",
    { class: "figures-list number" },
    entries.map(([key, value]) =>
      el("li", {}, `${key.replaceAll("_", " ")} `, el("strong", {}, number(value))),
    ),
  );

/** Objects with the same parts: where they hold objects themselves, one after the other. */
function named(entries) {
  const flat = entries.every(([, item]) => Object.values(item).every((part) => typeof part === "number"));
  const same = new Set(entries.map(([, item]) => Object.keys(item).join())).size === 1;
  if (flat && same && entries.length > 1)
    return table(entries.map(([key, item]) => ({ with: key, ...item })));
  return facts(entries);
}

function list(name, values) {
  if (values.length && values.every((value) => look(value))) return genreList(values);
  if (values.length && values.every(isPlain)) return table(values);
  if (values.every((value) => typeof value === "number")) return values.map(number).join(" to ");
  return el(
    "ul",
    {},
    values.map((value) => el("li", {}, shown(name, value))),
  );
}

function table(rows) {
  const names = [...new Set(rows.flatMap(Object.keys))];
  const kind = (value) => (typeof value === "number" ? "number" : null);
  const head = names.map((name) => el("th", { scope: "col", class: kind(rows[0][name]) }, titled(name)));
  const body = rows.map((row) => {
    const cells = names.map((name) =>
      el("td", { class: kind(row[name]) }, name in row ? shown(name, row[name]) : ""),
    );
    return el("tr", {}, cells);
  });
  return el(
    "div",
    { class: "scroll" },
    el("table", {}, el("thead", {}, el("tr", {}, head)), el("tbody", {}, body)),
  );
}

/** Whole numbers with separators, others to three digits. */
const number = (value) => (Number.isInteger(value) ? count(value) : String(Number(value.toPrecision(3))));
