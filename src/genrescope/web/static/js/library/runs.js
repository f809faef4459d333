// What was written before, and how it is taken back.

import { get, post } from "../api.js";
import { el, problem } from "../dom.js";
import { progressList } from "../progress.js";
import { count, plural } from "../words.js";
import { finished, outcome } from "./finished.js";

export function runList(library, messages) {
  const list = el("ul", { class: "runs-list" });
  const node = el("section", { class: "stack", "aria-labelledby": "runs-title", hidden: true });
  const undo = async (run, button) => {
    button.disabled = true;
    try {
      const job = await finished(
        await post(`/api/runs/${encodeURIComponent(run.run)}/undo`, { dry_run: false }),
      );
      messages.replaceChildren(outcome(job.result));
    } catch (error) {
      messages.replaceChildren(problem(error));
    }
    await refresh();
  };
  const refresh = async () => {
    try {
      const { runs } = await get("/api/runs");
      const own = runs.filter((run) => run.library === null || run.library === library.library);
      node.hidden = own.length === 0;
      list.replaceChildren(...own.map((run) => runItem(run, undo)));
    } catch (error) {
      messages.replaceChildren(problem(error));
    }
  };
  const progress = progressList((job) => job.kind === "undo");
  node.append(el("h3", { id: "runs-title" }, "Written before"), progress, list);
  refresh();
  return { node, refresh };
}

function runItem(run, undo) {
  const left = run.files - run.undone;
  const state = run.undone ? `, ${count(run.undone)} taken back` : "";
  const stopped = run.stopped ? ", stopped before its end" : "";
  const button = el(
    "button",
    { type: "button", disabled: left === 0, "aria-label": `Undo ${run.run}` },
    left ? "Undo" : "Undone",
  );
  button.addEventListener("click", () => undo(run, button));
  return el(
    "li",
    { class: "row spread" },
    el(
      "span",
      { class: "number" },
      el("strong", {}, run.run),
      ` ${plural(run.files, "file")}${state}${stopped}`,
    ),
    button,
  );
}
