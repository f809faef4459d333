// The songs of a library: search, filters, sorting, and the table that holds any number of them.

import { get } from "../api.js";
import { onOptions, served, optionParameters } from "../decide.js";
import { el, field, newId, option, problem, settled, whileShown } from "../dom.js";
import { on } from "../events.js";
import { ribbon } from "../ribbon.js";
import { plural } from "../words.js";
import { songSheet } from "./sheet.js";
import { songTable } from "./table.js";

const ORDERS = {
  path: "Place in the folder",
  title: "Title",
  artist: "Artist",
  album: "Album",
  tagged: "Tagged genre",
  genre: "Genre",
  confidence: "Confidence",
};

export function browser(library) {
  const state = { q: "", genres: new Set(), from: 0, to: 100, sort: "path", descending: false };
  const pressed = () => (changed(), summarise());
  const label = "Songs by genre; press to show only these";
  const band = ribbon({ label, chosen: state.genres, changed: pressed });
  const count = el("p", { class: "number soft", role: "status" });
  const messages = el("div");
  const newer = el("p", { class: "soft", hidden: true });
  const query = () => ({
    library: library.library,
    q: state.q,
    genre: [...state.genres],
    confidence_from: state.from > 0 ? state.from / 100 : null,
    confidence_to: state.to < 100 ? state.to / 100 : null,
    sort: state.sort,
    descending: state.descending,
    ...optionsFor(library),
  });
  const table = songTable({
    fetch: (offset, limit, signal) => get("/api/library", { ...query(), offset, limit }, signal),
    counted: (total) => (count.textContent = plural(total, "song")),
    failed: (error) => messages.replaceChildren(problem(error)),
    open: songSheet,
    sort: (column) => {
      state.descending = state.sort === column ? !state.descending : column === "confidence";
      state.sort = column;
      changed();
    },
    order: () => state,
  });
  const controls = filters(state, () => changed());
  const changed = () => {
    controls.show();
    messages.replaceChildren();
    table.reload();
  };
  const summarise = () => drawBand(band, newer, library, messages);
  const refresh = settled(() => (summarise(), table.refresh()), 250);
  const node = el("div", { class: "stack" }, band.node, newer, controls.node, messages, count, table.node);
  whileShown(node, onOptions, refresh);
  whileShown(node, (act) => on("library", act), refresh);
  summarise();
  table.reload();
  return node;
}

/** The sliders are about the model that is served; a library classified by another keeps its predictions. */
const optionsFor = (library) => (library.model === served?.name ? optionParameters() : {});

async function drawBand(band, newer, library, messages) {
  try {
    const summary = await get("/api/library/summary", { library: library.library, ...optionsFor(library) });
    band.show(new Map(summary.genres.map(({ genre, songs }) => [genre, songs])));
    newer.hidden = !summary.newer_model;
    newer.textContent = `An earlier model's results count; ${summary.newer_model} can classify all again.`;
  } catch (error) {
    messages.replaceChildren(problem(error));
  }
}

/** Search, bounds of the confidence, order; `show()` shows an order that was chosen elsewhere. */
function filters(state, changed) {
  const search = el("input", {
    type: "search",
    placeholder: "Title, artist, album, tag, path",
    oninput: settled(() => ((state.q = search.value.trim()), changed())),
  });
  const bound = (name) => {
    const input = el("input", {
      type: "number",
      min: 0,
      max: 100,
      step: 5,
      value: state[name],
      id: newId("bound"),
    });
    input.addEventListener("change", () => ((state[name] = Number(input.value)), changed()));
    return input;
  };
  const [from, to] = [bound("from"), bound("to")];
  from.setAttribute("aria-label", "Confidence at least, percent");
  to.setAttribute("aria-label", "Confidence at most, percent");
  const order = el(
    "select",
    { onchange: () => ((state.sort = order.value), changed()) },
    Object.entries(ORDERS).map(([value, text]) => option(value, text)),
  );
  const turn = el(
    "button",
    {
      type: "button",
      "aria-pressed": "false",
      onclick: () => ((state.descending = !state.descending), changed()),
    },
    "Reversed",
  );
  const between = el(
    "div",
    { class: "field" },
    el("span", { class: "label" }, "Confidence, %"),
    el("div", { class: "row bounds" }, from, "to", to),
  );
  const show = () => {
    order.value = state.sort;
    turn.setAttribute("aria-pressed", String(state.descending));
  };
  const node = el(
    "div",
    { class: "row end" },
    field("Search", search, { class: "field grow" }),
    between,
    field("Order", order),
    turn,
  );
  return { node, show };
}
