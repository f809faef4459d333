// Why a model says what it says of a song, in words and with what speaks for which genre.

import { get } from "./api.js";
import { el, problem } from "./dom.js";
import { genreClass, tile } from "./genres.js";
import { percent } from "./words.js";

export function whyPart(song) {
  const place = el("div", { class: "why stack" }, el("p", { class: "soft" }, "Looking for the reasons …"));
  get(`/api/songs/${song.id}/why`).then(
    (why) => place.replaceChildren(...parts(why)),
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
    ...(found.why ? [pulls(found.why)] : []),
    ...(found.tags.length ? [tags(found.tags)] : []),
    ...(found.neighbours.length ? [near(found.neighbours)] : []),
  ];
}

/** What each input of the model speaks for, left or right of the middle. */
function pulls(why) {
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
    el("th", { scope: "col" }, "Speaks for"),
  );
  return el(
    "div",
    { class: "scroll" },
    el(
      "table",
      { class: "pulls" },
      el("caption", {}, `What speaks for ${why.genre} rather than ${why.rather_than}`),
      el("thead", {}, head),
      el("tbody", {}, rows),
    ),
  );
}

const tags = (heard) =>
  el(
    "p",
    {},
    el("span", { class: "soft" }, "Heard in it: "),
    heard.map((item, place) => `${place ? ", " : ""}${item.tag} ${percent(item.probability)}`).join(""),
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
