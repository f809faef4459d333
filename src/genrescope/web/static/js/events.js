// The server's events, handed to whoever wants them; jobs are kept in their last known state.

import { post, subscribe } from "./api.js";

const wanted = { job: new Set(), song: new Set(), library: new Set(), lost: new Set() };

export const jobs = new Map();

/** Calls `act(data)` on each event of this kind: job, song, library or lost. */
export function on(kind, act) {
  wanted[kind].add(act);
  return () => wanted[kind].delete(act);
}

export function start() {
  const pass = (kind) => (data) => wanted[kind].forEach((act) => act(data));
  subscribe({ job: note, song: pass("song"), library: pass("library"), lost: pass("lost") });
}

/** Takes what is known of a job, from an event or from the response that began it. */
export function note(job) {
  const known = jobs.get(job.id);
  if (known && isOver(known) && !isOver(job)) return;
  jobs.set(job.id, job);
  wanted.job.forEach((act) => act(job));
}

export const isOver = (job) => ["done", "cancelled", "failed"].includes(job.state);

export const cancel = async (job) => note(await post(`/api/jobs/${job.id}/cancel`));

/** The job when it is over; `progress(job)` is called on the way. */
export function whenOver(id, progress = () => {}) {
  return new Promise((resolve) => {
    const look = (job) => {
      if (job.id !== id) return;
      progress(job);
      if (!isOver(job)) return;
      stop();
      resolve(job);
    };
    const stop = on("job", look);
    if (jobs.has(id)) look(jobs.get(id));
  });
}
