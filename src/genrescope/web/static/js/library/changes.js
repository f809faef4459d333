// Planned tag changes: its options, the plan as a diff with checkboxes, applying, taking back.

import { get, post } from "../api.js";
import { el, field, option, problem } from "../dom.js";
import { finished, outcome } from "./finished.js";
import { planTable } from "./plan.js";
import { runList } from "./runs.js";

const MODES = {
  "only-missing": "Fill in missing genres",
  replace: "Replace what is there",
  append: "Add to what is there",
};
const FIELDS = { genre: "Genre", comment: "Comment", "custom:GENRESCOPE": "A field of its own (GENRESCOPE)" };
const VOCABULARIES = { "": "The model's genres", GTZAN: "GTZAN's ten", topMAGD: "Top-MAGD's thirteen" };

export function changes(library, status) {
  if (!status.tags) {
    const how = el("code", {}, "pip install 'genrescope[tags]'");
    return el("p", { class: "empty" }, "Tags cannot be read and written here yet: ", how);
  }
  const messages = el("div", { class: "stack", role: "status" });
  const shown = el("div", { class: "stack" });
  const runs = runList(library, messages);
  const fail = (error) => messages.replaceChildren(problem(error));
  const apply = async (order) => {
    messages.replaceChildren();
    try {
      const job = await finished(await post("/api/plan/apply", order));
      messages.replaceChildren(outcome(job.result));
      await runs.refresh();
      shown.replaceChildren();
    } catch (error) {
      fail(error);
    }
  };
  const draw = (plan) => shown.replaceChildren(plan ? planTable(plan, apply, fail) : "");
  const make = async (options) => {
    messages.replaceChildren();
    shown.replaceChildren(el("p", { class: "soft" }, "Planning …"));
    try {
      draw((await finished(await post("/api/plan", { library: library.library, ...options }))).result);
    } catch (error) {
      shown.replaceChildren();
      fail(error);
    }
  };
  const ours = (plan) => (plan?.library === library.library ? plan : null);
  get("/api/plan", { limit: 1 }).then((found) => draw(ours(found.plan)), fail);
  return el("div", { class: "stack" }, planForm(make), messages, shown, runs.node);
}

function planForm(make) {
  const select = (choices) =>
    el(
      "select",
      {},
      Object.entries(choices).map(([value, text]) => option(value, text)),
    );
  const [mode, place, words] = [select(MODES), select(FIELDS), select(VOCABULARIES)];
  const top = el("input", { type: "number", min: 1, max: 5, value: 1 });
  const album = el("input", { type: "checkbox", id: "by-album" });
  const options = () => ({
    mode: mode.value,
    field: place.value,
    vocabulary: words.value || null,
    top: Number(top.value),
    by_album: album.checked,
  });
  const send = (event) => (event.preventDefault(), make(options()));
  const perAlbum = el("label", { class: "row tight check", for: "by-album" }, album, "One genre an album");
  return el(
    "form",
    { class: "row end plan-options", onsubmit: send },
    field("What to do", mode),
    field("Where", place),
    field("Words", words),
    field("Genres a song, at most", top, { class: "field few" }),
    perAlbum,
    el("button", { type: "submit", class: "main" }, "Make a plan"),
    el("small", {}, "Nothing is written before you apply it."),
  );
}
