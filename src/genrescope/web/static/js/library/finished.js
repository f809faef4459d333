// How a job that writes or takes back tags ends, and what the page shows of it.

import { el } from "../dom.js";
import { note, whenOver } from "../events.js";
import { count, plural } from "../words.js";

/** The job when it is over; what went wrong in it is thrown. */
export async function finished(job) {
  note(job);
  const over = await whenOver(job.id);
  if (over.state === "failed") throw Object.assign(new Error(over.message), { remedy: over.remedy });
  if (!over.result) throw new Error("It was cancelled; what was done stays, and can be taken back.");
  return over;
}

export function outcome(result) {
  const kinds = ["written", "restored", "unchanged", "refused"].filter((kind) => result[kind]);
  const text = kinds.map((kind) => `${count(result[kind])} ${kind}`).join(", ") || "nothing to do";
  const refused = result.outcomes.map((one) =>
    el("li", {}, `${one.path}: ${one.why}`, one.remedy ? el("small", {}, ` ${one.remedy}`) : null),
  );
  const list = refused.length
    ? el(
        "details",
        {},
        el("summary", {}, plural(refused.length, "file", "files") + " left as they were"),
        el("ul", {}, refused),
      )
    : null;
  return el("div", { class: "outcome" }, el("p", {}, el("strong", {}, `Done: ${text}.`)), list);
}
