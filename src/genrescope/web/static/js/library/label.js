// Labels by hand: the right labels of a song, and the songs whose labels would help most.

import { get, post } from "../api.js";
import { announce, el, field, newId, option, problem } from "../dom.js";
import { tile } from "../genres.js";
import { playButton } from "../player.js";
import { fileName, plural } from "../words.js";

/** A form for the labels of a song; `kept(labels)` is called when they are kept. */
export function labelForm(song, genres, kept = () => {}) {
  const names = newId("genres");
  const input = el("input", {
    type: "text",
    list: names,
    autocomplete: "off",
    placeholder: "Several: by semicolons",
  });
  const result = el("span", { role: "status", class: "soft" });
  const save = async (event) => {
    event.preventDefault();
    try {
      const { labels } = await post("/api/library/corrections", { id: song.id, labels: parts(input.value) });
      result.textContent = labels.length ? "Kept." : "Forgotten.";
      kept(labels);
    } catch (error) {
      result.replaceChildren(problem(error));
    }
  };
  const show = async () => {
    const { labels } = await get("/api/library/corrections", { id: song.id });
    input.value ||= labels.join("; ");
  };
  show().catch((error) => result.replaceChildren(problem(error)));
  const known = el(
    "datalist",
    { id: names },
    genres.map((genre) => option(genre)),
  );
  const label = `Keep the genre of ${song.title || fileName(song.path)}`;
  return el(
    "form",
    { class: "row end", onsubmit: save },
    field("Right genre", input, { class: "field grow" }),
    known,
    el("button", { "aria-label": label }, "Keep"),
    result,
  );
}

const parts = (text) =>
  text
    .split(";")
    .map((part) => part.trim())
    .filter(Boolean);

/** The songs to label next, each with its form. */
export function labelling(library) {
  const about = el("p", { class: "lead" });
  const list = el("ol", { class: "alike" });
  const more = el("button", { type: "button", onclick: () => load() }, "Other songs");
  const load = async () => {
    more.disabled = true;
    try {
      const { labelled, songs } = await get("/api/library/suggestions", { library: library.library });
      about.textContent = describe(labelled, songs.length);
      list.replaceChildren(...songs.map((song) => item(song, library)));
      announce(`${plural(songs.length, "song")} to label`);
    } catch (error) {
      list.replaceChildren(problem(error));
    }
    more.disabled = false;
  };
  load();
  return el("div", { class: "stack" }, about, list, el("div", {}, more), next());
}

const describe = (labelled, songs) =>
  songs
    ? `${plural(labelled, "song")} labelled by hand so far. The labels of these would help most: ` +
      "they are unlike each other, and like many others."
    : "No song is left to label: scan and classify the library.";

const next = () =>
  el(
    "p",
    { class: "soft" },
    "A label is learned from eight songs on, of three artists. No file is changed. Learn with ",
    el("code", {}, "genrescope learn FOLDER"),
    ".",
  );

function item(song, library) {
  const name = song.title || fileName(song.path);
  const frame = { model: song.model };
  const genres = song.top.map(({ genre }) => genre);
  const heading = el(
    "div",
    { class: "row tight" },
    playButton(song, name, frame),
    tile(song.genre),
    el("span", { class: "cut grow" }, [song.artist, name].filter(Boolean).join(" · ")),
  );
  return el("li", { "data-song": song.id, "data-library": library.library }, heading, labelForm(song, genres));
}
