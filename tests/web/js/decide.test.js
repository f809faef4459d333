// The page's predictions are those of the Python code, for the cases in CASES.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { beforeEach, test } from "node:test";

import { decide, onOptions, prior, setServed, setOptions, threshold, optionParameters } from "./page/decide.js";

const { model, songs } = JSON.parse(readFileSync(process.env.CASES, "utf8"));

beforeEach(() => setServed(model));

const near = (found, expected) =>
  assert.ok(Math.abs(found - expected) <= 1e-9 * Math.max(1e-3, Math.abs(expected)), `${found} is not ${expected}`);

for (const [place, { song, options, expected }] of songs.entries()) {
  test(`song ${place}`, () => {
    setOptions(options);
    const found = decide(song);
    assert.equal(found.genre, expected.genre);
    assert.equal(found.best, expected.best);
    near(found.confidence, expected.confidence);
    assert.deepEqual(
      found.shares.map((share) => share.genre),
      expected.order,
    );
    for (const { genre, probability } of found.shares) {
      near(probability, expected.probabilities[model.genres.indexOf(genre)]);
    }
  });
}

test("options are about the model that is served, not about others", () => {
  const frame = { model: "another", genres: ["a", "b"], prior: [0.5, 0.5], threshold: 0.3 };
  setOptions({ threshold: 0.99, prior: model.genres.map((_, place) => (place ? 0 : 1)) });
  const found = decide({ model: "another", probabilities: [0.6, 0.4], music: 1 }, frame);
  assert.deepEqual([found.genre, found.confidence], ["a", 0.6]);
});

test("what is no music has no genre, even at threshold 0", () => {
  setOptions({ threshold: 0 });
  const found = decide({ probabilities: model.prior, music: 0 });
  assert.deepEqual([found.genre, found.confidence], ["unknown", 0]);
});

test("a change of the options reaches all listeners, until they are removed", () => {
  const seen = [];
  const stop = onOptions(() => seen.push(threshold()));
  setOptions({ threshold: 0.25 });
  stop();
  setOptions({ threshold: 0.75 });
  assert.deepEqual(seen, [0.25]);
});

test("options as parameters are empty until there are some", () => {
  assert.deepEqual(optionParameters(), { threshold: null, prior: null });
  assert.deepEqual([threshold(), prior()], [model.threshold, model.prior]);
  setOptions({ threshold: 0.4, prior: [0.25, 0.75] });
  assert.deepEqual(optionParameters(), { threshold: 0.4, prior: "0.25000,0.75000" });
});
