// The confusion table of one result; a cell lists its songs.

import { get } from "../api.js";
import { el, problem } from "../dom.js";
import { tile } from "../genres.js";
import { count, percent, plural } from "../words.js";

const PAGE = 50;

export function confusion(result) {
  const songs = el("div", { class: "cell-songs", "aria-live": "polite" });
  const list = (genre, predicted) => listSongs(songs, result, genre, predicted);
  const heads = result.genres.map((genre) =>
    el("th", { scope: "col", title: genre }, tile(genre), el("span", { class: "hush" }, genre)),
  );
  const rows = result.confusion.map((row, place) => rowOf(result, row, result.genres[place], list));
  const caption = el(
    "caption",
    {},
    el("strong", {}, "Confusion"),
    ". Rows: the true genre; columns: the predicted one.",
    result.predictions ? " Press a cell for its songs." : "",
  );
  const head = el("tr", {}, el("th", { scope: "col" }, el("span", { class: "hush" }, "True genre")), heads);
  const table = el("table", { class: "confusion" }, caption, el("thead", {}, head), el("tbody", {}, rows));
  return el("div", { class: "stack" }, el("div", { class: "scroll" }, table), songs);
}

function rowOf(result, row, genre, list) {
  const total = row.reduce((sum, songs) => sum + songs, 0);
  const cells = row.map((songs, place) =>
    cell(songs, songs / Math.max(1, total), result, genre, result.genres[place], list),
  );
  return el(
    "tr",
    {},
    el(
      "th",
      { scope: "row" },
      el("span", { class: "row tight" }, tile(genre), el("span", { class: "cut" }, genre)),
    ),
    cells,
  );
}

function cell(songs, share, result, genre, predicted, list) {
  const node = el("td", { class: `cell${genre === predicted ? " right" : ""}${share > 0.5 ? " strong" : ""}` });
  node.style.setProperty("--share", `${Math.round(100 * share)}%`);
  if (!result.predictions || songs === 0) {
    node.append(songs ? count(songs) : "");
    return node;
  }
  const label = `${plural(songs, "song")} of ${genre} predicted as ${predicted}`;
  node.append(
    el(
      "button",
      { type: "button", "aria-label": label, title: label, onclick: () => list(genre, predicted) },
      count(songs),
    ),
  );
  return node;
}

async function listSongs(place, result, genre, predicted, offset = 0) {
  try {
    const page = await get(`/api/results/${encodeURIComponent(result.id)}/songs`, {
      genre,
      answer: predicted,
      offset,
      limit: PAGE,
    });
    const items = page.songs.map((song) =>
      el("li", {}, song.id, el("small", { class: "number" }, ` ${percent(song.probability)}`)),
    );
    if (offset) place.querySelector("ol").append(...items);
    else
      place.replaceChildren(
        el(
          "p",
          {},
          tile(genre),
          ` ${genre} predicted as `,
          tile(predicted),
          ` ${predicted}: ${plural(page.total, "song")}`,
        ),
        el("ol", {}, items),
      );
    place.querySelector("button")?.remove();
    const next = offset + page.songs.length;
    if (next < page.total)
      place.append(
        el(
          "button",
          { type: "button", onclick: () => listSongs(place, result, genre, predicted, next) },
          "More",
        ),
      );
  } catch (error) {
    place.replaceChildren(problem(error));
  }
}
