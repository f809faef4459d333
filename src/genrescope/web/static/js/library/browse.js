// The songs of a library: search, filters, sorting, and the table that holds any number of them.

import { get, url } from "../api.js";
import { onOptions, served, optionParameters } from "../decide.js";
import { el, field, newId, option, problem, settled, whileShown } from "../dom.js";
import { on } from "../events.js";
import { KINDS } from "../labels.js";
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
  const state = { q: "", genres: new Set(), labels: {}, contradicting: false, from: 0, to: 100, sort: "path", descending: false };
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
    label: Object.values(state.labels),
    contradicting: state.contradicting || null,
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
  const further = labelFilters(state, () => changed());
  const changed = () => {
    controls.show();
    further.link.href = url("/api/library/playlist.m3u8", query());
    messages.replaceChildren();
    table.reload();
  };
  const summarise = () => drawSummary(band, newer, library, messages);
  const summariseAll = async () => {
    await summarise();
    await drawLabels(further, library).catch((error) => messages.replaceChildren(problem(error)));
  };
  const refresh = (counts) => settled(() => (counts(), table.refresh()), 250);
  const node = el("div", { class: "stack" }, band.node, newer, controls.node, further.node, messages, count, table.node);
  whileShown(node, onOptions, refresh(summarise));
  whileShown(node, (act) => on("library", act), refresh(summariseAll));
  changed();
  summariseAll();
  return node;
}

/** The sliders are about the model that is served; a library classified by another keeps its predictions. */
const optionsFor = (library) => (library.model === served?.name ? optionParameters() : {});

/** What there is to filter by; it may take seconds, so it is requested last. */
async function drawLabels(further, library) {
  further.show((await get("/api/library/labels", { library: library.library })).labels);
}

async function drawSummary(band, newer, library, messages) {
  try {
    const summary = await get("/api/library/summary", { library: library.library, ...optionsFor(library) });
    band.show(new Map(summary.genres.map(({ genre, songs }) => [genre, songs])));
    newer.hidden = !summary.newer_model;
    newer.textContent = `An earlier model's results count; ${summary.newer_model} can classify all again.`;
  } catch (error) {
    messages.replaceChildren(problem(error));
  }
}

/** A choice of each kind of labels that songs have, songs that contradict, and what is shown as a playlist. */
function labelFilters(state, changed) {
  const choices = el("div", { class: "row end" });
  const odd = el("input", {
    type: "checkbox",
    id: newId("odd"),
    onchange: () => ((state.contradicting = odd.checked), changed()),
  });
  const link = el("a", { class: "button", download: "genrescope.m3u8" }, "Playlist of these");
  const check = el(
    "div",
    { class: "row tight check" },
    odd,
    el("label", { for: odd.id }, "Only what contradicts its tag, album or artist"),
  );
  const show = (labels) => {
    if (choices.contains(document.activeElement)) return;
    choices.replaceChildren(
      ...Object.entries(KINDS).flatMap(([kind, title]) => {
        const own = labels.filter((label) => label.kind === kind);
        return own.length ? [field(title, labelChoice(kind, own, state, changed))] : [];
      }),
    );
  };
  return { node: el("div", { class: "row end" }, choices, check, link), link, show };
}

function labelChoice(kind, labels, state, changed) {
  const pick = () => {
    if (select.value) state.labels[kind] = select.value;
    else delete state.labels[kind];
    changed();
  };
  const select = el(
    "select",
    { onchange: pick },
    option("", "any"),
    labels.map(({ name, songs }) => option(`${kind}:${name}`, `${name} (${songs})`)),
  );
  select.value = state.labels[kind] ?? "";
  return select;
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
