// A plan as a diff: a page of rows at a time, each with a checkbox and a new value to be edited.

import { get } from "../api.js";
import { el, newId, option, field, settled } from "../dom.js";
import { tile } from "../genres.js";
import { count, fileName, folderOf, percent, plural } from "../words.js";
import { pager } from "./pager.js";

const PAGE = 100;

/** Rows that are written: all that the plan would write but `off`, and `on` of the others. */
const selection = (plan) => ({ off: new Set(), on: new Set(), edits: new Map(), all: writable(plan) });

const writable = ({ actions }) => (actions.replace ?? 0) + (actions.append ?? 0);

export function planTable(plan, apply, fail) {
  const state = { offset: 0, action: "", genre: "", q: "" };
  const chosen = selection(plan);
  const body = el("tbody");
  const button = el("button", { type: "button", class: "main", onclick: () => press() });
  const turn = pager(PAGE, (offset) => ((state.offset = offset), draw()));
  const showCount = () => {
    const rows = chosen.all - chosen.off.size + chosen.on.size;
    button.textContent = `Apply ${plural(rows, "change")}`;
    button.disabled = rows === 0;
  };
  const draw = async () => {
    try {
      const page = await get("/api/plan", { ...state, limit: PAGE });
      body.replaceChildren(...page.rows.map((row) => diffRow(row, chosen, showCount)));
      turn.show(state.offset, page.total);
    } catch (error) {
      fail(error);
    }
  };
  const press = async () => {
    button.disabled = true;
    await apply(await order(plan, chosen));
    showCount();
  };
  const table = el(
    "table",
    { class: "diff" },
    el("caption", { class: "hush" }, "Planned tag changes"),
    header(),
    body,
  );
  showCount();
  draw();
  const tools = el(
    "div",
    { class: "row end spread" },
    narrowing(plan, state, draw),
    el("div", { class: "row" }, button),
  );
  return el(
    "div",
    { class: "stack" },
    el("p", {}, describe(plan)),
    tools,
    turn.node,
    el("div", { class: "scroll" }, table),
  );
}

function describe(plan) {
  const skipped = Object.entries(plan.skipped).map(([why, files]) => `${count(files)} ${why}`);
  const left = skipped.length ? `; ${skipped.join(", ")}` : "";
  return `Of ${plural(plan.files, "file")}, ${count(writable(plan))} would be changed, ${count(plan.kept)} stay as they are${left}.`;
}

/** What the server shall write. Skipped rows can only be named, and then so must be all the rest. */
async function order(plan, chosen) {
  const edits = Object.fromEntries(chosen.edits);
  if (chosen.on.size === 0) return { plan: plan.id, all: true, except: [...chosen.off], edits };
  const rows = [...chosen.on];
  for (let offset = 0, total = 1; offset < total; offset += 500) {
    const page = await get("/api/plan", { offset, limit: 500 });
    total = page.total;
    rows.push(
      ...page.rows.filter((row) => row.action !== "skip" && !chosen.off.has(row.row)).map((row) => row.row),
    );
  }
  return { plan: plan.id, rows, edits };
}

function header() {
  const titles = ["Write", "File", "Change", "Confidence", "Why"];
  return el(
    "thead",
    {},
    el(
      "tr",
      {},
      titles.map((title) => el("th", { scope: "col" }, title)),
    ),
  );
}

function diffRow(row, chosen, changed) {
  const skips = row.action === "skip";
  const set = skips ? chosen.on : chosen.off;
  const name = fileName(row.path);
  const value = () => chosen.edits.get(row.row) ?? row.new;
  const box = el("input", {
    type: "checkbox",
    checked: skips ? set.has(row.row) : !set.has(row.row),
    disabled: value().length === 0,
    "aria-label": `Write ${name}`,
  });
  box.addEventListener("change", () => {
    if (box.checked === skips) set.add(row.row);
    else set.delete(row.row);
    changed();
  });
  const edit = el("input", { type: "text", value: value().join("; "), "aria-label": `New value of ${name}` });
  edit.addEventListener("change", () => {
    chosen.edits.set(
      row.row,
      edit.value
        .split(";")
        .map((part) => part.trim())
        .filter(Boolean),
    );
    box.disabled = value().length === 0;
  });
  return el(
    "tr",
    { class: skips ? "left-out" : null },
    el("td", {}, box),
    el("th", { scope: "row" }, el("span", { class: "name" }, name), el("small", {}, folderOf(row.path))),
    el(
      "td",
      { class: "change" },
      before(row),
      el(
        "span",
        { class: "row tight" },
        el("span", { class: "sign", "aria-label": "becomes" }, "+"),
        value()[0] ? tile(value()[0]) : null,
        edit,
      ),
    ),
    el("td", { class: "number" }, row.confidence === null ? "" : percent(row.confidence)),
    el("td", {}, el("small", {}, skips ? `left out: ${row.why}` : row.why)),
  );
}

/** What is there now: struck out where it goes, plain where the new is added to it. */
function before(row) {
  if (row.old.length === 0) return null;
  const kept = row.action === "append";
  const text = row.old.join("; ");
  return el(
    "span",
    { class: "row tight" },
    el("span", { class: "sign", "aria-label": kept ? "stays" : "goes" }, kept ? "·" : "−"),
    el(kept ? "span" : "del", {}, text),
  );
}

function narrowing(plan, state, draw) {
  const again = (change) => (Object.assign(state, change, { offset: 0 }), draw());
  const names = { "": "All rows", replace: "Written", append: "Added", skip: "Left out" };
  const kinds = Object.entries(names).filter(([name]) => !name || plan.actions[name]);
  const action = el(
    "select",
    { onchange: () => again({ action: action.value }) },
    kinds.map(([value, text]) => option(value, text)),
  );
  const genres = Object.entries(plan.genres).map(([name, files]) =>
    option(name, `${name} (${count(files)})`),
  );
  const genre = el(
    "select",
    { onchange: () => again({ genre: genre.value }) },
    option("", "All genres"),
    genres,
  );
  const search = el("input", {
    type: "search",
    id: newId("q"),
    oninput: settled(() => again({ q: search.value.trim() })),
  });
  return el(
    "div",
    { class: "row end" },
    field("Rows", action),
    field("New genre", genre),
    field("Search", search),
  );
}
