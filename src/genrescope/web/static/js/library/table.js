// A table of any length: only the rows in sight exist, and only the pages in sight are fetched.

import { decide } from "../decide.js";
import { el } from "../dom.js";
import { genreClass, tile } from "../genres.js";
import { labelLine } from "../labels.js";
import { playButton } from "../player.js";
import { fileName, percent } from "../words.js";

const PAGE = 100;
const KEPT = 40; // pages
const HEIGHT = 46; // pixels of a row, as in the style sheet
const SPARE = 8; // rows beyond either end of what is in sight
const COLUMNS = {
  title: "Title",
  artist: "Artist",
  album: "Album",
  tagged: "Tagged",
  genre: "Genre",
  confidence: "Confidence",
};

/**
 * `fetch(offset, limit, signal)` gives what /api/library does; `open(song, frame)` shows a song.
 * `reload()` begins again at the top, `refresh()` stays where it is.
 */
export function songTable({ fetch, counted, failed, open, sort, order }) {
  const body = el("tbody");
  const heads = Object.entries(COLUMNS).map(([name, text]) => head(name, text, sort));
  const table = el(
    "table",
    { class: "library" },
    el("caption", { class: "hush" }, "Songs of the library. Arrow keys move, Enter opens, space plays."),
    el(
      "thead",
      {},
      el(
        "tr",
        { "aria-rowindex": 1 },
        el("th", { scope: "col" }, el("span", { class: "hush" }, "Play")),
        heads,
      ),
    ),
    body,
  );
  const node = el(
    "div",
    { class: "viewport", tabindex: 0, role: "region", "aria-label": "Songs of the library" },
    table,
  );
  let pages = new Map(); // number of a page to its songs, or to the promise of them
  let frame = null;
  let total = 0;
  let current = 0;
  let stopper = new AbortController();
  let drawn = "";

  const songAt = (place) => pages.get(Math.floor(place / PAGE))?.songs?.[place % PAGE];

  async function need(number) {
    if (pages.has(number)) return;
    pages.set(number, {});
    const [mine, signal] = [pages, stopper.signal];
    try {
      const page = await fetch(number * PAGE, PAGE, signal);
      if (mine !== pages) return;
      pages.set(number, page);
      forgetFarPages(pages, number);
      frame = page;
      if (page.total !== total || number === 0) counted((total = page.total));
      table.setAttribute("aria-rowcount", total + 1);
      draw(true);
    } catch (error) {
      pages.delete(number);
      if (error.name !== "AbortError") failed(error);
    }
  }

  function draw(always = false) {
    const first = Math.max(0, Math.floor(node.scrollTop / HEIGHT) - SPARE);
    const end = Math.min(total, Math.ceil((node.scrollTop + node.clientHeight) / HEIGHT) + SPARE);
    if (!always && drawn === `${first} ${end}`) return;
    drawn = `${first} ${end}`;
    const focused = Number(document.activeElement?.closest?.("tr[data-place]")?.dataset.place ?? -1);
    const rows = [];
    for (let place = first; place < end; place += 1) {
      rows.push(rowOf(songAt(place), place, frame, place === current, open));
    }
    body.replaceChildren(gap(first), ...rows, gap(total - end));
    if (focused >= 0) focus(focused, body);
    for (let page = Math.floor(first / PAGE); page * PAGE < end; page += 1) need(page);
  }

  function reset() {
    stopper.abort();
    stopper = new AbortController();
    pages = new Map();
    for (const cell of heads) mark(cell, order());
  }

  function move(event) {
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -total, End: total };
    if (event.target.closest("button, input")) return;
    const song = songAt(current);
    if (event.key === "Enter" && song) open(song, frame);
    else if (event.key === " " && song) body.querySelector(`[data-place="${current}"] button`)?.click();
    else if (event.key in steps) go(Math.min(Math.max(current + steps[event.key], 0), total - 1));
    else return;
    event.preventDefault();
  }

  function go(place) {
    current = place;
    const top = place * HEIGHT;
    const room = node.clientHeight - 2 * HEIGHT;
    if (top < node.scrollTop) node.scrollTop = top;
    else if (top > node.scrollTop + room) node.scrollTop = top - room;
    draw(true);
    focus(place, body);
  }

  node.addEventListener("scroll", () => draw(), { passive: true });
  node.addEventListener("keydown", move);
  new ResizeObserver(() => draw()).observe(node);
  const reload = () => {
    reset();
    node.scrollTop = current = 0;
    need(0);
  };
  const refresh = () => {
    reset();
    need(Math.floor(node.scrollTop / HEIGHT / PAGE));
  };
  return { node, reload, refresh };
}

function head(name, text, sort) {
  return el(
    "th",
    { scope: "col", class: name, "data-column": name },
    el("button", { type: "button", onclick: () => sort(name) }, text),
  );
}

function mark(cell, { sort, descending }) {
  if (cell.dataset.column !== sort) cell.removeAttribute("aria-sort");
  else cell.setAttribute("aria-sort", descending ? "descending" : "ascending");
}

function gap(rows) {
  const node = el("tr", { class: "gap", "aria-hidden": "true" });
  node.style.height = `${rows * HEIGHT}px`;
  return node;
}

function focus(place, body) {
  body.querySelector(`[data-place="${place}"]`)?.focus({ preventScroll: true });
}

function forgetFarPages(pages, near) {
  const far = [...pages.keys()].sort((one, other) => Math.abs(other - near) - Math.abs(one - near));
  for (const number of far.slice(0, Math.max(0, pages.size - KEPT))) pages.delete(number);
}

function rowOf(song, place, frame, isCurrent, open) {
  const attributes = { "data-place": place, "aria-rowindex": place + 2, tabindex: isCurrent ? 0 : -1 };
  if (!song) return el("tr", { ...attributes, class: "coming" }, el("td", { colspan: 7 }, "…"));
  const name = song.title || fileName(song.path);
  const press = (event) => event.target.closest("button") || open(song, frame);
  const decision = song.probabilities ? decide(song, frame) : null;
  return el(
    "tr",
    { ...attributes, onclick: press },
    el("td", { class: "do" }, playButton(song, name, frame)),
    el(
      "th",
      { scope: "row", class: "title" },
      el("span", { class: "cut name" }, name),
      el("small", { class: "cut under" }, [song.artist, song.album].filter(Boolean).join(" · ") || song.path),
    ),
    ...[song.artist, song.album, song.tagged.join("; ")].map((text, at) =>
      el("td", { class: `cut ${["artist", "album", "tagged"][at]}`, title: text }, text),
    ),
    ...predicted(song, decision),
  );
}

function predicted(song, decision) {
  if (!decision) {
    const why = song.problem || "not classified yet";
    return [
      el("td", { class: "genre cut", title: why }, el("small", {}, why)),
      el("td", { class: "confidence" }),
    ];
  }
  const line = song.contradicts?.length ? `not: ${song.contradicts.join("; ")}` : labelLine(song.labels);
  const small = line ? el("small", { class: "cut", title: line }, line) : "";
  const fill = el("span", { class: `fill ${genreClass(decision.best)}` });
  fill.style.width = `${100 * decision.confidence}%`;
  return [
    el(
      "td",
      { class: "genre" },
      el(
        "span",
        { class: "row tight" },
        tile(decision.genre),
        el("span", { class: "named" }, el("span", { class: "cut" }, decision.genre), small),
      ),
    ),
    el(
      "td",
      { class: "confidence" },
      el(
        "span",
        { class: "row tight" },
        el("span", { class: "track", "aria-hidden": "true" }, fill),
        el("span", { class: "number" }, percent(decision.confidence)),
      ),
    ),
  ];
}
