// One song of a library, in a sheet beside the page: what is known of it, and what sounds like it.

import { get, post } from "../api.js";
import { predictionBlock, bars } from "../prediction.js";
import { decide, served } from "../decide.js";
import { songDetail } from "../detail.js";
import { announce, el, option, problem } from "../dom.js";
import { note } from "../events.js";
import { tile } from "../genres.js";
import { icon } from "../icons.js";
import { labelChips } from "../labels.js";
import { playButton } from "../player.js";
import { fileName, percent } from "../words.js";
import { labelForm } from "./label.js";

const SIMILAR = 10;

/** Opens the sheet; it closes with Escape, and the focus goes back to where it was. */
export function songSheet(song, frame) {
  const sheet = el("dialog", { class: "sheet", "aria-label": song.title || fileName(song.path) });
  sheet.append(...content(song, frame, sheet));
  sheet.addEventListener("close", () => sheet.remove());
  sheet.addEventListener("click", (event) => event.target === sheet && sheet.close());
  document.body.append(sheet);
  sheet.showModal();
}

/** The same for a song of which only the id is known. */
export async function sheetOf(id) {
  const song = await get(`/api/songs/${id}`);
  const ours = song.model === served?.name;
  songSheet(song, {
    ...(ours ? served : {}),
    model: song.model,
    genres: song.genres ?? served?.genres ?? [],
  });
}

function content(song, frame, sheet) {
  const name = song.title || fileName(song.path);
  const close = el(
    "button",
    { type: "button", class: "plain", "aria-label": "Close", onclick: () => sheet.close() },
    icon("close"),
  );
  const heading = el(
    "div",
    { class: "grow" },
    el("h3", {}, name),
    el("small", {}, [song.artist, song.album].filter(Boolean).join(" · ")),
  );
  const top = el("div", { class: "row spread start" }, playButton(song, name, frame), heading, close);
  const decision = song.probabilities ? decide(song, frame) : null;
  const predicted = decision
    ? el("div", { class: "predicted" }, predictionBlock(decision), bars(decision, 4), labelChips(song.labels))
    : el("p", { class: "soft" }, song.problem || "Not classified yet.");
  const facts = el(
    "dl",
    { class: "facts" },
    el("dt", {}, "Tagged"),
    el("dd", {}, song.tagged.join("; ") || "no genre"),
    el("dt", {}, "File"),
    el("dd", {}, song.path),
    ...(song.contradicts?.length
      ? [el("dt", {}, "Contradicts"), el("dd", {}, song.contradicts.join("; "))]
      : []),
  );
  const correction = labelForm(song, frame.genres ?? []);
  return [top, predicted, facts, correction, songDetail(song), alike(song, frame, sheet), joining(song)];
}

function alike(song, frame, sheet) {
  const list = el("ol", { class: "alike" });
  const button = el("button", { type: "button", onclick: () => load() }, "Songs like it");
  const styles = (song.labels ?? []).filter((label) => label.kind === "style");
  const within = el(
    "select",
    { "aria-label": "Songs like it, of which style", onchange: () => load() },
    option("", "of any style"),
    styles.map(({ name }) => option(`style:${name}`, `within ${name}`)),
  );
  const load = async () => {
    button.disabled = true;
    try {
      const { similar } = await get("/api/library/similar", { id: song.id, count: SIMILAR, label: within.value });
      list.replaceChildren(...similar.map((other) => alikeItem(other, frame, sheet)));
      announce(`${similar.length} songs like it`);
    } catch (error) {
      list.replaceChildren(problem(error));
    }
    button.disabled = false;
  };
  return el("div", { class: "stack" }, el("div", { class: "row" }, button, styles.length ? within : ""), list);
}

function alikeItem(other, frame, sheet) {
  const name = other.title || fileName(other.path);
  const open = () => (sheet.close(), songSheet(other, frame));
  const genre = other.probabilities ? decide(other, frame).genre : "unknown";
  const link = el(
    "button",
    { type: "button", class: "plain grow name", onclick: open },
    el("span", { class: "cut" }, [other.artist, name].filter(Boolean).join(" · ")),
  );
  return el(
    "li",
    { class: "row tight" },
    playButton(other, name, frame),
    tile(genre),
    link,
    el("small", { class: "number" }, percent(other.similarity)),
  );
}

function joining(song) {
  const result = el("span", { role: "status" });
  const join = async () => {
    try {
      note(await post("/api/songs/pick", { ids: [song.id] }));
      result.textContent = "It will be among the songs.";
    } catch (error) {
      result.replaceChildren(problem(error));
    }
  };
  return el(
    "div",
    { class: "row" },
    el("button", { type: "button", onclick: join }, "Classify again, among the songs"),
    result,
  );
}
