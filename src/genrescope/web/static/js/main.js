// Starts the page: what the server offers, which view is shown, which theme.

import { get } from "./api.js";
import { setServed } from "./decide.js";
import { byId, problem } from "./dom.js";
import { start } from "./events.js";
import { setGenres } from "./genres.js";

const VIEWS = {
  songs: () => import("./songs/view.js").then((module) => module.showSongs),
  library: () => import("./library/view.js").then((module) => module.showLibrary),
  map: () => import("./map/view.js").then((module) => module.showMap),
  results: () => import("./results/view.js").then((module) => module.showResults),
  model: () => import("./model/view.js").then((module) => module.showModel),
};
const opened = new Set();
let status = null;

async function begin() {
  followTheme();
  try {
    status = await get("/api/status");
  } catch (error) {
    return byId("main").prepend(problem(error));
  }
  setServed(status.model);
  setGenres(status.model?.genres ?? []);
  start();
  if (status.problem) byId("main").prepend(problem(new Error(status.problem)));
  await openView("songs");
  window.addEventListener("hashchange", () => show(true));
  show(false);
}

/** Shows the view that the address names; its heading gets the focus when a person went there. */
async function show(moved) {
  const wanted = location.hash.slice(1).split("/")[0];
  const name = wanted in VIEWS ? wanted : "songs";
  for (const other of Object.keys(VIEWS)) byId(other).hidden = other !== name;
  for (const link of document.querySelectorAll(".top nav a")) {
    if (link.hash === `#${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  await openView(name);
  const title = byId(`${name}-title`);
  document.title = `${title?.textContent ?? name} · genrescope`;
  if (moved) title?.focus();
  window.scrollTo(0, 0);
}

/** Each view is made when it is first seen. */
async function openView(name) {
  if (opened.has(name)) return;
  opened.add(name);
  const make = await VIEWS[name]();
  await make(byId(name), status);
}

function followTheme() {
  const choice = byId("theme");
  choice.value = document.documentElement.dataset.theme;
  choice.addEventListener("change", () => {
    document.documentElement.dataset.theme = choice.value;
    localStorage.setItem("theme", choice.value);
    window.dispatchEvent(new Event("theme"));
  });
}

begin();
