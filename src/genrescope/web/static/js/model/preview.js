// What the sliders do to songs at hand, as a band that follows them.

import { get } from "../api.js";
import { ribbon } from "../answer.js";
import { decide, onWish, served } from "../decide.js";
import { el, whileShown } from "../dom.js";
import { UNKNOWN } from "../genres.js";
import { count, plural } from "../words.js";

export function preview() {
  const band = el("div");
  const said = el("p", { class: "soft number", role: "status" });
  const node = el("div", { class: "stack tightly" }, band, said);
  let songs = [];
  let origin = "";
  const show = () => {
    if (songs.length === 0) return;
    const answers = songs.map((song) => decide(song));
    band.replaceChildren(
      ribbon(counted(answers), { label: "Genres of the songs at hand", chosen: new Set(), onpick: null }),
    );
    const changed = answers.filter((answer, place) => answer.genre !== songs[place].own).length;
    said.textContent = `${plural(songs.length, "song")} ${origin}; ${count(changed)} answered otherwise than with the model's own settings.`;
  };
  atHand().then(
    ([found, words]) => {
      const own = { model: null, genres: served.genres, threshold: served.threshold, prior: served.prior };
      songs = found.map((song) => ({ ...song, own: decide({ ...song, model: "as it is" }, own).genre }));
      origin = words;
      show();
    },
    () => {},
  );
  whileShown(node, onWish, show);
  return node;
}

/** The songs of the session; where there are none, some of the library. */
async function atHand() {
  const usable = (song) => song.probabilities && song.model === served.name;
  const session = (await get("/api/songs", { limit: 500 })).songs.filter(usable);
  if (session.length) return [session, "of this session"];
  const library = await get("/api/library", { limit: 500, sort: "confidence" }).catch(() => ({ songs: [] }));
  return [library.songs.filter(usable), "of the library, the least sure ones"];
}

function counted(answers) {
  const songs = new Map();
  for (const { genre } of answers) songs.set(genre, (songs.get(genre) ?? 0) + 1);
  const parts = [...songs].map(([genre, number]) => ({ genre, songs: number }));
  return parts.sort((a, b) => (a.genre === UNKNOWN) - (b.genre === UNKNOWN) || b.songs - a.songs);
}
