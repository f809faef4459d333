// The songs of this session: they come in at the top, and stand below in the order in which they came.

import { get, remove, url } from "../api.js";
import { decide, onOptions, optionParameters } from "../decide.js";
import { announce, byId, el, problem, settled } from "../dom.js";
import { on } from "../events.js";
import { FAILED } from "../genres.js";
import { progressList } from "../progress.js";
import { ribbon, tally } from "../ribbon.js";
import { fileName, percent, plural } from "../words.js";
import { dropZone } from "./drop.js";
import { after } from "./order.js";
import { songRow } from "./row.js";
import { sendSongs } from "./send.js";

const PAGE = 500;
const rows = new Map(); // id of a song to its row
const chosen = new Set(); // genres that are shown; none: all
let view = null;
let arrived = [];

export function showSongs(place, status) {
  const send = (files) => sendSongs(files, status.limits, view.messages);
  view = {
    list: el("ol", { class: "songs", "aria-label": "Songs" }),
    zone: dropZone(send, status.limits),
    tools: el("div", { class: "row spread tools", hidden: true }),
    ribbon: ribbon({ label: "Songs by genre; press to show only these", chosen, changed: summarise }),
    messages: el("div", { class: "stack" }),
  };
  const title = el("h2", { id: "songs-title", tabindex: -1 }, "Songs");
  const progress = progressList((job) => job.kind === "classify");
  place.append(title, view.zone, view.messages, progress, view.tools, view.ribbon.node, view.list);
  on("song", take);
  on("lost", () => fetchAll());
  onOptions(() => {
    rows.forEach((row) => row.update());
    summarise();
  });
  return fetchAll();
}

async function fetchAll() {
  const found = new Set();
  try {
    for (let offset = 0, total = 1; offset < total; offset += PAGE) {
      const page = await get("/api/songs", { offset, limit: PAGE });
      total = page.total;
      page.songs.forEach((song) => (found.add(song.id), put(song)));
    }
  } catch (error) {
    return view.messages.append(problem(error));
  }
  for (const id of rows.keys()) if (!found.has(id)) drop(id);
  summarise();
}

/** A song's event: shown, and announced when it is new. */
function take(song) {
  const isNew = put(song);
  if (isNew && song.state === "done") arrived.push(song);
  later();
}

const later = settled(() => {
  summarise();
  announceArrived();
}, 200);

/** Shows a song that is ready; whether it was not shown before. */
function put(song) {
  if (song.state !== "done" && song.state !== "failed") return false;
  const shown = rows.get(song.id);
  if (shown) return shown.update(song) ?? false;
  const row = songRow(song, () => forget(song.id));
  rows.set(song.id, row);
  view.list.insertBefore(row.node, rows.get(after(song.id, rows.keys()))?.node ?? null);
  return true;
}

/** One announcement for all that came together. */
function announceArrived() {
  if (arrived.length === 0) return;
  const [song] = arrived;
  const { genre, confidence } = decide(song);
  const one = `${fileName(song.path)}: ${genre}, ${percent(confidence)}`;
  announce(arrived.length === 1 ? one : `${arrived.length} songs are ready`);
  arrived = [];
}

async function forget(id) {
  const next = rows.get(id).node.nextElementSibling ?? rows.get(id).node.previousElementSibling;
  await remove(`/api/songs/${id}`).catch((error) => view.messages.append(problem(error)));
  drop(id);
  summarise();
  (next?.querySelector("button") ?? byId("songs-title")).focus();
}

function drop(id) {
  rows.get(id)?.node.remove();
  rows.delete(id);
}

async function forgetAll() {
  await remove("/api/songs").catch((error) => view.messages.append(problem(error)));
  [...rows.keys()].forEach(drop);
  view.messages.replaceChildren();
  summarise();
  byId("songs-title").focus();
}

/** Counts by genre, the buttons, and which rows are seen. */
function summarise() {
  const genres = [...rows.values()].map((row) => row.genre());
  const songs = tally(genres);
  for (const genre of chosen) if (!songs.has(genre)) chosen.delete(genre);
  view.ribbon.show(songs);
  rows.forEach((row) => (row.node.hidden = chosen.size > 0 && !chosen.has(row.genre())));
  view.zone.classList.toggle("small", rows.size > 0);
  drawTools(songs.get(FAILED) ?? 0);
}

function drawTools(failed) {
  view.tools.hidden = rows.size === 0;
  if (!view.tools.firstChild) {
    const link = (kind) =>
      el("a", { class: "button", download: `songs.${kind}` }, `Export ${kind.toUpperCase()}`);
    const clear = el("button", { type: "button", onclick: forgetAll }, "Clear");
    view.exports = { csv: link("csv"), json: link("json") };
    view.count = el("strong", { class: "number" });
    view.tools.append(view.count, el("div", { class: "row" }, view.exports.csv, view.exports.json, clear));
  }
  view.count.textContent = plural(rows.size, "song") + (failed ? `, ${failed} failed` : "");
  for (const [kind, link] of Object.entries(view.exports)) {
    link.href = url(`/api/songs/export.${kind}`, optionParameters());
  }
}
