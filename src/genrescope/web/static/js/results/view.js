// Benchmark results: all in a table, the chosen ones side by side.

import { get } from "../api.js";
import { el, problem } from "../dom.js";
import { comparison } from "./genres.js";
import { nameOf } from "./marks.js";
import { resultPanel } from "./panel.js";
import { resultTable } from "./table.js";

const MOST = 4;

export async function showResults(place, status) {
  const title = el("h2", { id: "results-title", tabindex: -1 }, "Results");
  place.append(title);
  if (!status.results) {
    return place.append(
      el(
        "p",
        { class: "empty" },
        "No benchmark results are served. Make some: ",
        el("code", {}, "genrescope benchmark gtzan"),
        " and start the server with their folder: ",
        el("code", {}, "genrescope serve --results benchmark-gtzan"),
      ),
    );
  }
  try {
    const { folder, results, problems } = await get("/api/results");
    place.append(
      ...problems.map(({ path, detail }) => problem(new Error(`${path}: ${detail}`))),
      ...content(results, folder),
    );
  } catch (error) {
    place.append(problem(error));
  }
}

function content(results, folder) {
  if (results.length === 0) return [noResults(folder)];
  const groups = grouped(results);
  const beside = el("div", { class: "stack", "aria-live": "polite", "aria-busy": "false" });
  const chosen = [];
  const show = async () => {
    beside.setAttribute("aria-busy", "true");
    const wanted = [...chosen];
    try {
      const found = await Promise.all(wanted.map(({ id }) => record(id)));
      if (wanted.join() === chosen.join() && wanted.length === chosen.length)
        beside.replaceChildren(...sideBySide(found));
    } catch (error) {
      beside.replaceChildren(problem(error));
    }
    beside.setAttribute("aria-busy", "false");
  };
  const tables = groups.map((group) =>
    resultTable(
      group,
      (result, on) => (pick(chosen, result, on), tables.forEach((table) => table.mark(chosen)), show()),
    ),
  );
  best(groups[0].results).forEach((result) => chosen.push(result));
  tables.forEach((table) => table.mark(chosen));
  show();
  const lead = el(
    "p",
    { class: "lead" },
    `Tick up to ${MOST} to see them side by side below. A whisker is the bootstrap 95 % interval.`,
  );
  return [lead, ...tables.map((table) => table.node), beside];
}

const noResults = (folder) =>
  el(
    "p",
    { class: "empty" },
    `There are no benchmark results in ${folder}. Make some there and load this page again: `,
    el("code", {}, `genrescope benchmark gtzan --output '${folder}'`),
  );

const records = new Map();

async function record(id) {
  if (!records.has(id)) records.set(id, await get(`/api/results/${encodeURIComponent(id)}`));
  return records.get(id);
}

/** Only what was evaluated on the same songs in the same way may stand in one table. */
function grouped(results) {
  const groups = new Map();
  for (const result of results) {
    const title = [result.dataset, result.vocabulary, result.protocol].join(" · ");
    if (!groups.has(title)) groups.set(title, { title, results: [] });
    groups.get(title).results.push(result);
  }
  return [...groups.values()].sort((one, other) => other.results.length - one.results.length);
}

const best = (results) =>
  [...results].sort((one, other) => other.macro_recall.value - one.macro_recall.value).slice(0, 2);

/** The oldest choice goes where there would be too many, or where the genres are others. */
function pick(chosen, result, on) {
  const at = chosen.findIndex((other) => other.id === result.id);
  if (at >= 0) chosen.splice(at, 1);
  if (!on) return;
  for (let place = chosen.length - 1; place >= 0; place -= 1) {
    if (chosen[place].genres.join() !== result.genres.join()) chosen.splice(place, 1);
  }
  if (chosen.length === MOST) chosen.shift();
  chosen.push(result);
}

function sideBySide(found) {
  if (found.length === 0) return [];
  const panels = el(
    "div",
    { class: "beside" },
    found.map((result, place) => resultPanel(result, place)),
  );
  const title = el("h3", {}, found.length > 1 ? "Side by side" : nameOf(found[0]));
  return [title, comparison(found), panels];
}
