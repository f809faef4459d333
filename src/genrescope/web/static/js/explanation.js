// The explanation of a song's genre, in words and as evidence of each input.

import { get } from "./api.js";
import { el, problem } from "./dom.js";
import { genreClass, tile } from "./genres.js";
import { percent } from "./words.js";

export function explanationPart(song) {
  const place = el("div", { class: "why stack" }, el("p", { class: "soft" }, "Explaining …"));
  get(`/api/songs/${song.id}/explanation`).then(
    (found) => place.replaceChildren(...parts(found)),
    (error) => place.replaceChildren(problem(error)),
  );
  return place;
}

function parts(found) {
  const words = el(
    "div",
    { class: "words" },
    el("p", {}, el("strong", {}, found.answer)),
    found.sentences.map((text) => el("p", {}, text)),
  );
  return [
    words,
    ...(found.why ? [evidence(found.why)] : []),
    ...(found.tags.length ? [tags(found.tags)] : []),
    ...(found.neighbours.length ? [near(found.neighbours)] : []),
  ];
}

/** For which genre each input of the model is evidence, left or right of the middle. */
function evidence(why) {
  const reach = Math.max(...why.inputs.map((input) => Math.abs(input.log_odds)), 1e-9);
  const rows = why.inputs.map((input) => {
    const side = input.log_odds >= 0 ? why.genre : why.rather_than;
    const fill = el("span", { class: `pull ${genreClass(side)} ${input.log_odds >= 0 ? "for" : "against"}` });
    fill.style.width = `${(50 * Math.abs(input.log_odds)) / reach}%`;
    return el(
      "tr",
      {},
      el("th", { scope: "row" }, input.measures, " ", el("small", {}, input.name)),
      el("td", { class: "balance" }, fill),
      el("td", {}, tile(side), ` ${side}`),
    );
  });
  const head = el(
    "tr",
    {},
    el("th", { scope: "col" }, "What is measured"),
    el("th", { scope: "col" }, `${why.rather_than} ← → ${why.genre}`),
    el("th", { scope: "col" }, "Evidence for"),
  );
  return el(
    "div",
    { class: "scroll" },
    el(
      "table",
      { class: "pulls" },
      el("caption", {}, `Evidence for ${why.genre} rather than ${why.rather_than}`),
      el("thead", {}, head),
      el("tbody", {}, rows),
    ),
  );
}

const tags = (found) =>
  el(
    "p",
    {},
    el("span", { class: "soft" }, "Tags: "),
    found.map((item, place) => `${place ? ", " : ""}${item.tag} ${percent(item.probability)}`).join(""),
  );

const near = (songs) =>
  el(
    "div",
    {},
    el("p", { class: "soft" }, "The training songs nearest to it"),
    el(
      "ul",
      { class: "near" },
      songs.map((item) =>
        el(
          "li",
          {},
          tile(item.genre),
          ` ${item.id} `,
          el("small", { class: "number" }, item.similarity.toFixed(2)),
        ),
      ),
    ),
  );
