// Recall by genre of the chosen results, one mark each on one line a genre.

import { el, svg } from "../dom.js";
import { genreClass, genreCode, tile } from "../genres.js";
import { markAt, markSign, nameOf } from "./marks.js";

const [WIDTH, LEFT, RIGHT, LINE] = [760, 130, 20, 26];

const recallOf = (result, genre) => result.recalls.find((one) => one.genre === genre)?.recall ?? null;

export function comparison(found) {
  const { genres } = found[0];
  const legend = el(
    "ul",
    { class: "legend" },
    found.map((result, place) => el("li", {}, markSign(place), ` ${nameOf(result)}`)),
  );
  const table = el("details", {}, el("summary", {}, "As a table"), numbers(found, genres));
  const caption = el("figcaption", {}, el("strong", {}, "Recall by genre"), ", percent");
  return el(
    "figure",
    { class: "by-genre" },
    caption,
    legend,
    el(
      "div",
      { class: "scroll", tabindex: 0, role: "region", "aria-label": "Recall by genre" },
      picture(found, genres),
    ),
    table,
  );
}

function picture(found, genres) {
  const height = LINE * genres.length + 34;
  const at = (recall) => LEFT + recall * (WIDTH - LEFT - RIGHT);
  const node = svg("svg", {
    class: "chart wide",
    viewBox: `0 0 ${WIDTH} ${height}`,
    role: "img",
    "aria-label": "Recall by genre; the table below holds the numbers",
  });
  for (const tick of [0, 0.25, 0.5, 0.75, 1]) {
    node.append(svg("line", { class: "grid", x1: at(tick), x2: at(tick), y1: 0, y2: height - 22 }));
    node.append(svg("text", { class: "middle", x: at(tick), y: height - 6 }, `${100 * tick}`));
  }
  genres.forEach((genre, row) => node.append(...genreLine(found, genre, LINE * row + LINE / 2, at)));
  return node;
}

/** The letters, the name, a line from the least to the most, and the marks on it. */
function genreLine(found, genre, y, at) {
  const recalls = found.map((result) => recallOf(result, genre)).filter((recall) => recall !== null);
  const spread = { x1: at(Math.min(...recalls)), x2: at(Math.max(...recalls)), y1: y, y2: y };
  return [
    svg("rect", { class: `fill ${genreClass(genre)}`, x: 0, y: y - 9, width: 26, height: 18, rx: 3 }),
    svg("text", { class: `code ${genreClass(genre)}`, x: 13, y: y + 4 }, genreCode(genre)),
    svg("text", { x: 34, y: y + 4 }, genre.replaceAll("_", " ")),
    ...(recalls.length ? [svg("line", { class: `spread ${genreClass(genre)}`, ...spread })] : []),
    ...found.flatMap((result, place) =>
      recallOf(result, genre) === null ? [] : [markAt(place, at(recallOf(result, genre)), y)],
    ),
  ];
}

function numbers(found, genres) {
  const head = el(
    "tr",
    {},
    el("th", { scope: "col" }, "Genre"),
    el("th", { scope: "col", class: "number" }, "Songs"),
    found.map((_, place) => el("th", { scope: "col", class: "number" }, markSign(place))),
  );
  const rows = genres.map((genre) => {
    const songs = found[0].recalls.find((one) => one.genre === genre)?.support ?? 0;
    const cells = found.map((result) =>
      el(
        "td",
        { class: "number" },
        recallOf(result, genre) === null ? "" : (100 * recallOf(result, genre)).toFixed(1),
      ),
    );
    return el(
      "tr",
      {},
      el("th", { scope: "row" }, tile(genre), ` ${genre}`),
      el("td", { class: "number" }, String(songs)),
      cells,
    );
  });
  return el("div", { class: "scroll" }, el("table", {}, el("thead", {}, head), el("tbody", {}, rows)));
}
