// Sends songs in parts that the server takes, one part at a time, and waits as long as it demands.

import { upload } from "../api.js";
import { announce, el, problem } from "../dom.js";
import { note } from "../events.js";
import { plural } from "../words.js";

const PART = 20; // files: the first rows appear while the next part is on its way
const TRIES = 30;

export async function sendSongs(files, limits, messages) {
  const { songs, large } = sorted(files, limits);
  const sending = el("p", { class: "soft number", role: "status" });
  messages.replaceChildren(sending, ...notices(files, songs, large));
  announce(`${plural(songs.length, "song")} on the way`);
  try {
    let sent = 0;
    for (const part of parts(songs, limits)) {
      sending.textContent = `Sending ${sent + part.length} of ${plural(songs.length, "song")} …`;
      note(await sendPart(part));
      sent += part.length;
    }
  } catch (error) {
    messages.append(problem(error));
  }
  sending.remove();
}

/** What may be music by its name, and what is too large to send. */
function sorted(files, limits) {
  const audio = files.filter(({ name }) => limits.suffixes.some((end) => name.toLowerCase().endsWith(end)));
  const songs = audio.filter(({ file }) => file.size <= limits.file_bytes);
  return { songs, large: audio.filter(({ file }) => file.size > limits.file_bytes) };
}

function notices(files, songs, large) {
  const others = files.length - songs.length - large.length;
  const size = `${Math.round(large[0]?.file.size / 1e6)} MB`;
  return [
    ...(large.length
      ? [problem(new Error(`${plural(large.length, "file")} too large, such as ${large[0].name} (${size})`))]
      : []),
    ...(others && !songs.length ? [problem(new Error("There is no music among these files."))] : []),
    ...(others && songs.length
      ? [el("p", { class: "soft" }, `${plural(others, "file")} left out: no music by name.`)]
      : []),
  ];
}

/** Lists of at most PART files and of at most the bytes that one request may have. */
function* parts(songs, limits) {
  let part = [];
  let bytes = 0;
  for (const song of songs) {
    const full =
      part.length >= Math.min(PART, limits.files) || bytes + song.file.size > limits.request_bytes * 0.9;
    if (part.length && full) {
      yield part;
      [part, bytes] = [[], 0];
    }
    part.push(song);
    bytes += song.file.size;
  }
  if (part.length) yield part;
}

async function sendPart(part) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await upload("/api/songs", part);
    } catch (error) {
      if (error.status !== 429 || tries === TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1000 * (error.wait ?? 2)));
    }
  }
}
