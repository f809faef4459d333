// What the sliders do to songs at hand, as a band that follows them.

import { get } from "../api.js";
import { decide, onOptions, served } from "../decide.js";
import { el, whileShown } from "../dom.js";
import { ribbon, tally } from "../ribbon.js";
import { count, plural } from "../words.js";

export function preview() {
  const band = ribbon({ label: "Genres of the songs at hand" });
  const summary = el("p", { class: "soft number", role: "status" });
  const node = el("div", { class: "stack tightly" }, band.node, summary);
  let songs = [];
  let origin = "";
  const show = () => {
    if (songs.length === 0) return;
    const decisions = songs.map((song) => decide(song));
    band.show(tally(decisions.map((decision) => decision.genre)));
    const changed = decisions.filter((decision, place) => decision.genre !== songs[place].own).length;
    summary.textContent = `${plural(songs.length, "song")} ${origin}; ${count(changed)} predicted otherwise than with the model's own settings.`;
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
  whileShown(node, onOptions, show);
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
