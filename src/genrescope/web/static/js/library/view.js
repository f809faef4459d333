// The libraries that the server was started with: their songs, and what would become of their tags.

import { get, post } from "../api.js";
import { el, field, option, problem, settled } from "../dom.js";
import { note, on } from "../events.js";
import { progressList } from "../progress.js";
import { count, plural } from "../words.js";
import { browser } from "./browse.js";
import { changes } from "./changes.js";
import { labelling } from "./label.js";

const TABS = {
  songs: { name: "Songs", show: browser },
  changes: { name: "Tag changes", show: changes },
  labels: { name: "Labels", show: labelling },
};

export async function showLibrary(place, status) {
  const title = el("h2", { id: "library-title", tabindex: -1 }, "Library");
  place.append(title);
  if (status.libraries.length === 0) return place.append(noLibrary());
  const messages = el("div", { class: "stack" });
  const shown = el("div", { class: "stack" });
  const state = { library: status.libraries[0].library, tab: "songs" };
  const about = el("p", { class: "lead" });
  const open = () => status.libraries.find((one) => one.library === state.library);
  const draw = () => {
    const library = open();
    about.textContent = describe(library);
    shown.replaceChildren(TABS[state.tab].show(library, status));
  };
  const names = Object.fromEntries(Object.entries(TABS).map(([tab, { name }]) => [tab, name]));
  const tabs = choice(names, (tab) => ((state.tab = tab), draw()));
  const scan = el(
    "button",
    { type: "button", onclick: () => scanIt(state.library, messages) },
    "Scan and classify",
  );
  const which = status.libraries.length > 1 ? [picker(status.libraries, state, draw)] : [];
  const tools = el("div", { class: "row spread end" }, el("div", { class: "row end" }, ...which, tabs), scan);
  const progress = progressList((job) => !["classify", "undo"].includes(job.kind));
  place.append(el("div", {}, about), tools, messages, progress, shown);
  on(
    "library",
    settled(async () => {
      await renew(status.libraries).catch(() => {});
      about.textContent = describe(open());
    }, 1000),
  );
  draw();
}

/** What is known of the libraries, as it is now. */
async function renew(libraries) {
  const now = await get("/api/status");
  for (const library of libraries) {
    Object.assign(
      library,
      now.libraries.find((one) => one.library === library.library),
    );
  }
}

const noLibrary = () =>
  el(
    "p",
    { class: "empty" },
    "No library is open. Start the server with the folder of your music: ",
    el("code", {}, "genrescope serve ~/Music"),
  );

function describe({ path, songs, classified, model, scanned }) {
  const all = classified === songs ? "all" : count(classified);
  const done = classified ? `, ${all} classified by ${model}` : ", none classified yet";
  const day = scanned && new Date(scanned).toLocaleDateString("en", { dateStyle: "medium" });
  return `${path}: ${plural(songs, "song")}${done}, ${day ? `scanned on ${day}` : "not scanned yet"}.`;
}

function picker(libraries, state, draw) {
  const select = el(
    "select",
    { onchange: () => ((state.library = Number(select.value)), draw()) },
    libraries.map((one) => option(one.library, one.name)),
  );
  return field("Library", select);
}

/** Buttons of which one is pressed. */
export function choice(names, pick) {
  const buttons = Object.entries(names).map(([name, text], place) =>
    el(
      "button",
      {
        type: "button",
        "aria-pressed": String(place === 0),
        onclick: (event) => press(event.currentTarget, name),
      },
      text,
    ),
  );
  const press = (pressed, name) => {
    buttons.forEach((button) => button.setAttribute("aria-pressed", String(button === pressed)));
    pick(name);
  };
  return el("div", { class: "row choice", role: "group", "aria-label": "What is shown" }, buttons);
}

async function scanIt(library, messages) {
  messages.replaceChildren();
  try {
    note(await post("/api/library/scan", { library, classify: true }));
  } catch (error) {
    messages.replaceChildren(problem(error));
  }
}
