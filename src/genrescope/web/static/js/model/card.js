// A model's card: what its makers say of it. Any part may be missing, so any JSON can be shown.

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
  return [el("div", { class: "cards" }, facts(card), sections)];
}

function facts(card) {
  const inputs = Object.entries(card.inputs)
    .map(([name, dims]) => `${name} (${count(dims)})`)
    .join(", ");
  const rows = {
    Genres: genreList(card.genres),
    Vocabulary: card.vocabulary ?? "its own",
    Hears: `the middle ${card.excerpt_seconds} s of a song`,
    Inputs: inputs,
  };
  const list = Object.entries(rows).map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]);
  return el("section", { class: "facet" }, el("h3", {}, "What it does"), el("dl", { class: "facts" }, list));
}

const genreList = (genres) =>
  el(
    "span",
    { class: "genres" },
    genres.map((genre) => el("span", {}, tile(genre), ` ${genre}`)),
  );

function section(name, value) {
  const title = TITLES[name] ?? titled(name);
  return el("section", { class: "facet" }, el("h3", {}, title), shown(name, value));
}

const titled = (name) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " ");

/** Text as it is, lists of genres with their letters, objects as facts, lists of objects as tables. */
function shown(name, value) {
  if (value === null || typeof value === "boolean") return String(value ?? "none");
  if (typeof value === "number") return number(name, value);
  if (typeof value === "string")
    return name === "command" ? el("pre", { class: "command", tabindex: 0 }, value) : el("p", {}, value);
  if (Array.isArray(value)) return list(name, value);
  const rows = Object.entries(value).map(([key, item]) => [
    el("dt", {}, look(key) ? [tile(key), ` ${key}`] : titled(key)),
    el("dd", {}, shown(key, item)),
  ]);
  return el("dl", { class: "facts" }, rows);
}

function list(name, values) {
  if (values.length && values.every((value) => look(value))) return genreList(values);
  if (values.length && values.every((value) => value && typeof value === "object" && !Array.isArray(value)))
    return table(values);
  if (values.every((value) => typeof value === "number"))
    return values.map((value) => number(name, value)).join(" to ");
  return el(
    "ul",
    {},
    values.map((value) => el("li", {}, shown(name, value))),
  );
}

function table(rows) {
  const names = [...new Set(rows.flatMap(Object.keys))];
  const head = el(
    "tr",
    {},
    names.map((name) => el("th", { scope: "col" }, titled(name))),
  );
  const body = rows.map((row) =>
    el(
      "tr",
      {},
      names.map((name) => el("td", {}, name in row ? shown(name, row[name]) : "")),
    ),
  );
  return el("div", { class: "scroll" }, el("table", {}, el("thead", {}, head), el("tbody", {}, body)));
}

/** Whole numbers with separators, others to four digits. */
const number = (name, value) =>
  Number.isInteger(value) ? count(value) : String(Number(value.toPrecision(4)));
