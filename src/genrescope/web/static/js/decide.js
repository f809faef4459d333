// From probabilities to a genre, under the user's threshold and genre shares.

import { UNKNOWN } from "./genres.js";

/** The model that is served, from /api/status; null until then, or where there is none. */
export let served = null;

const options = { threshold: null, prior: null };
const listeners = new Set();

export function setServed(model) {
  served = model;
  Object.assign(options, { threshold: null, prior: null });
}

/** Calls `listener` after each change of the options; returns how to stop that. */
export function onOptions(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function setOptions(change) {
  Object.assign(options, change);
  for (const listener of listeners) listener();
}

export const threshold = () => options.threshold ?? served?.threshold ?? 0;
export const prior = () => options.prior ?? served?.prior ?? [];

/** The options as parameters of a request; empty where the model's own hold. */
export const optionParameters = () => ({
  threshold: options.threshold,
  prior: options.prior?.map((share) => share.toFixed(5)).join(",") ?? null,
});

/** Whether the options are about the model that this is a prediction of. */
const concerns = (frame) => served !== null && frame.model === served.name;

/**
 * The genre of a song.
 *
 * `frame` is what its probabilities are of: { model, genres, prior, threshold }. The result has
 * `genre` (perhaps "unknown"), `best`, `confidence` and `shares`, the likeliest genre first.
 */
export function decide(song, frame = { ...served, model: served?.name }) {
  const ours = concerns({ model: song.model ?? frame.model });
  const shares = corrected(song.probabilities, frame.prior, ours ? options.prior : null)
    .map((probability, place) => ({ genre: frame.genres[place], probability }))
    .sort((one, other) => other.probability - one.probability);
  const best = shares[0].genre;
  const confidence = (song.music ?? 1) * shares[0].probability;
  const least = (ours ? options.threshold : null) ?? frame.threshold ?? 0;
  const named = confidence > 0 && confidence >= least;
  return { genre: named ? best : UNKNOWN, best, confidence, shares };
}

const LEAST = 2.2250738585072014e-308; // the smallest normal number: no genre is ruled out for good

/** Probabilities that assume shares `old`, moved to shares `wanted` by Bayes' rule, as prior.py does. */
function corrected(probabilities, old, wanted) {
  if (!wanted) return [...probabilities];
  const moved = probabilities.map((p, place) => Math.max(p, LEAST) * (wanted[place] / old[place]));
  const total = moved.reduce((sum, value) => sum + value, 0);
  return moved.map((value) => value / total);
}
