// One bar a job: what it does, how far it is, how fast, how long it will take, and how to stop it.

import { el, announce } from "./dom.js";
import { cancel, isOver, jobs, on } from "./events.js";
import { count, wait } from "./words.js";

const NAMES = {
  classify: "Classifying",
  scan: "Scanning",
  library: "Classifying the library",
  plan: "Planning",
  apply: "Writing tags",
  undo: "Taking back",
};

/** A place where jobs for which `wanted(job)` holds are shown while they run. */
export function progressList(wanted) {
  const list = el("div", { class: "stack jobs", hidden: true });
  const bars = new Map();
  const show = (job) => {
    if (!wanted(job)) return;
    if (isOver(job)) finish(job, bars);
    else bar(job, bars, list).update(job);
    list.hidden = bars.size === 0;
  };
  on("job", show);
  jobs.forEach(show);
  return list;
}

function finish(job, bars) {
  const shown = bars.get(job.id);
  if (!shown) return;
  shown.node.remove();
  bars.delete(job.id);
  announce(`${NAMES[job.kind]}: ${job.state}, ${count(job.done)} of ${count(job.total)}`);
}

function bar(job, bars, list) {
  if (bars.has(job.id)) return bars.get(job.id);
  const name = NAMES[job.kind] ?? job.kind;
  const meter = el("progress", { "aria-label": name });
  const text = el("span", { class: "number" });
  const stop = el("button", { type: "button", onclick: () => cancel(job) }, "Cancel");
  const node = el(
    "div",
    { class: "job" },
    el("div", { class: "row spread" }, el("span", {}, el("strong", {}, name), " ", text), stop),
    meter,
  );
  const update = (now) => {
    text.textContent = state(now);
    if (now.total) {
      meter.max = now.total;
      meter.value = now.done;
    }
  };
  list.append(node);
  bars.set(job.id, { node, update });
  return bars.get(job.id);
}

function state(job) {
  if (job.state === "waiting") return "waits for its turn";
  const parts = job.total ? [`${count(job.done)} of ${count(job.total)}`] : [];
  if (job.rate) parts.push(`${job.rate >= 10 ? Math.round(job.rate) : job.rate.toFixed(1)} a second`);
  if (job.seconds_left !== null && job.seconds_left !== undefined)
    parts.push(`${wait(job.seconds_left)} left`);
  if (job.failed) parts.push(`${count(job.failed)} failed`);
  if (job.message) parts.push(job.message);
  return parts.join(" · ");
}
