import assert from "node:assert/strict";
import { test } from "node:test";

import { url } from "./page/api.js";
import { genreClass, genreCode, setGenres } from "./page/genres.js";
import { ordered, tally } from "./page/ribbon.js";
import { after, byName } from "./page/songs/order.js";
import { clock, fileName, folderOf, percent, plural, wait } from "./page/words.js";

test("a share is never rounded to nothing or to all", () => {
  const shares = [0, 0.001, 0.005, 0.5, 0.994, 0.9951, 1];
  assert.deepEqual(shares.map(percent), ["0 %", "<1 %", "1 %", "50 %", "99 %", ">99 %", "100 %"]);
});

test("times", () => {
  assert.deepEqual([0, 83, 3599.6, 3725, null].map(clock), ["0:00", "1:23", "1:00:00", "1:02:05", "0:00"]);
  assert.deepEqual([0.2, 59, 60, 5399, 7200].map(wait), ["1 s", "59 s", "1 min", "90 min", "2.0 h"]);
});

test("paths and numbers", () => {
  assert.deepEqual([fileName("a/b/c.mp3"), fileName("c.mp3")], ["c.mp3", "c.mp3"]);
  assert.deepEqual([folderOf("a/b/c.mp3"), folderOf("c.mp3")], ["a/b", ""]);
  assert.deepEqual([plural(1, "song"), plural(1234, "song")], ["1 song", "1,234 songs"]);
});

test("parameters: lists are repeated, what is empty is left out", () => {
  assert.equal(url("/x", { a: [1, "b&c"], none: null, empty: "", zero: 0 }), "/x?a=1&a=b%26c&zero=0");
  assert.equal(url("/x", {}), "/x");
});

test("genres have letters of their own, in their order", () => {
  setGenres(["rock", "reggae", "rap", "r&b"]);
  assert.deepEqual(["rock", "reggae", "rap", "r&b"].map(genreCode), ["Ro", "Re", "Ra", "Rb"]);
  assert.equal(genreCode("unknown"), "?");
  assert.deepEqual(["rock", "polka"].map(genreClass), ["g10", "g-none"]);
});

test("a tally counts", () => {
  assert.deepEqual([...tally(["a", "b", "a"])], [["a", 2], ["b", 1]]);
});

test("the commonest genre comes first; unknown, not classified and failed are last, and look unlike", () => {
  const songs = new Map([["failed", 9], ["unknown", 8], ["jazz", 1], ["none", 7], ["rock", 3], ["pop", 0]]);
  assert.deepEqual(ordered(songs).map(([genre]) => genre), ["rock", "jazz", "unknown", "none", "failed"]);
  assert.equal(new Set(["unknown", "none", "failed"].map(genreCode)).size, 3);
});

test("songs stand in the order in which they were dropped, whichever is ready first", () => {
  assert.equal(after("s2", ["s10", "s1", "s3"]), "s3");
  assert.equal(after("s9", ["s10", "s1"]), "s10");
  assert.equal(after("s11", ["s10", "s1"]), undefined);
  const files = ["b/10 x", "b/9 x", "a/2"];
  assert.deepEqual(byName(files, (name) => name), ["a/2", "b/9 x", "b/10 x"]);
});
