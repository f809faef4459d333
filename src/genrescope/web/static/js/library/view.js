// The libraries that the server was started with: their songs, and what would become of their tags.

import { post } from "../api.js";
import { el, field, option, problem } from "../dom.js";
import { note } from "../events.js";
import { progressList } from "../progress.js";
import { plural } from "../words.js";
import { browser } from "./browse.js";
import { changes } from "./changes.js";

export async function showLibrary(place, status) {
  const title = el("h2", { id: "library-title", tabindex: -1 }, "Library");
  place.append(title);
  if (status.libraries.length === 0) return place.append(noLibrary());
  const messages = el("div", { class: "stack" });
  const shown = el("div", { class: "stack" });
  const state = { library: status.libraries[0].library, tab: "songs" };
  const about = el("p", { class: "lead" });
  const draw = () => {
    const library = status.libraries.find((one) => one.library === state.library);
    about.textContent = describe(library);
    shown.replaceChildren(state.tab === "songs" ? browser(library) : changes(library, status));
  };
  const tabs = choice({ songs: "Songs", changes: "Tag changes" }, (tab) => ((state.tab = tab), draw()));
  const scan = el("button", { type: "button", onclick: () => scanIt(state.library, messages) }, "Scan and listen");
  const which = status.libraries.length > 1 ? [picker(status.libraries, state, draw)] : [];
  const tools = el("div", { class: "row spread end" }, el("div", { class: "row end" }, ...which, tabs), scan);
  const progress = progressList((job) => !["classify", "undo"].includes(job.kind));
  place.append(el("div", {}, about), tools, messages, progress, shown);
  draw();
}

const noLibrary = () =>
  el("p", { class: "empty" }, "No library is open. Start the server with the folder of your music: ", el("code", {}, "genrescope serve ~/Music"));

function describe(library) {
  const heard = library.classified ? `, ${plural(library.classified, "song")} heard by ${library.model}` : ", none heard yet";
  const scanned = library.scanned ? `, scanned ${new Date(library.scanned).toLocaleDateString()}` : ", not scanned yet";
  return `${library.path}: ${plural(library.songs, "song")}${heard}${scanned}.`;
}

function picker(libraries, state, draw) {
  const select = el("select", { onchange: () => ((state.library = Number(select.value)), draw()) }, libraries.map((one) => option(one.library, one.name)));
  return field("Library", select);
}

/** Buttons of which one is pressed. */
export function choice(names, pick) {
  const buttons = Object.entries(names).map(([name, text], place) =>
    el("button", { type: "button", "aria-pressed": String(place === 0), onclick: (event) => press(event.currentTarget, name) }, text),
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
