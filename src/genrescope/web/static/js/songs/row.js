// One song of the session, as a row that opens.

import { predictionBlock, bars } from "../prediction.js";
import { decide } from "../decide.js";
import { songDetail } from "../detail.js";
import { el, newId } from "../dom.js";
import { FAILED } from "../genres.js";
import { icon } from "../icons.js";
import { labelChips } from "../labels.js";
import { playButton } from "../player.js";
import { clock, fileName, folderOf } from "../words.js";

/** The row of a song: its node, `update(song)`, and `genre()`, "failed" where it has no prediction. */
export function songRow(song, forget) {
  const name = song.title || fileName(song.path);
  const node = el("li", { class: "song" });
  const body = el("div", { class: "body" });
  const id = newId("detail");
  const detail = el("div", { id, hidden: true });
  let decision = null;

  const update = (now = song) => {
    song = now;
    decision = song.state === "done" ? decide(song) : null;
    body.replaceChildren(...(decision ? classified(song, name, decision) : failed(song, name)));
  };
  const open = el(
    "button",
    {
      type: "button",
      class: "plain open",
      "aria-expanded": "false",
      "aria-controls": id,
      "aria-label": `More about ${name}`,
    },
    icon("open"),
  );
  open.addEventListener("click", () => {
    if (!detail.firstChild) detail.append(songDetail(song));
    detail.hidden = !detail.hidden;
    open.setAttribute("aria-expanded", String(!detail.hidden));
  });
  const away = el(
    "button",
    { type: "button", class: "plain away", "aria-label": `Remove ${name}`, onclick: forget },
    icon("close"),
  );
  update();
  const play = decision
    ? playButton(song, name)
    : el("span", { class: "round none", "aria-hidden": "true" }, "!");
  node.append(el("div", { class: "head" }, play, body, decision ? open : "", away), detail);
  return { node, update, genre: () => decision?.genre ?? FAILED };
}

function classified(song, name, decision) {
  const remarkable = song.notes.filter((note) => !note.startsWith("resampled")); // that is as usual
  const facts = about(song, name, [clock(song.duration), ...remarkable]);
  return [predictionBlock(decision), facts, bars(decision), labelChips(song.labels) ?? ""];
}

function failed(song, name) {
  const why = el(
    "p",
    { class: "failure" },
    song.failure,
    song.remedy ? el("small", {}, ` ${song.remedy}`) : null,
  );
  return [about(song, name, []), why];
}

function about(song, name, facts) {
  const from = [song.artist, song.album].filter(Boolean).join(" · ") || folderOf(song.path);
  const line = [...(from ? [from] : []), ...facts].join(" · ");
  return el(
    "div",
    { class: "about" },
    el("div", { class: "cut name", title: song.path }, name),
    el("small", { class: "cut number" }, line),
  );
}
