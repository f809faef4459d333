// Where files come in: dropped anywhere on the page, or picked; folders are walked through.

import { el } from "../dom.js";
import { plural } from "../words.js";
import { byName } from "./order.js";

/** The zone; `send` gets a list of { file, name }, name with the folders it lay in. */
export function dropZone(send, limits) {
  const files = picker(false, send);
  const folder = picker(true, send);
  const zone = el(
    "div",
    { class: "zone" },
    el(
      "div",
      {},
      el("p", { class: "call" }, "Drop songs or a folder here"),
      el("p", { class: "soft hint" }, hint(limits)),
    ),
    el("div", { class: "row" }, button("Choose files", files, "main"), button("Choose a folder", folder, "")),
    files,
    folder,
  );
  listen(zone, send);
  return zone;
}

const hint = (limits) =>
  `MP3, FLAC, WAV, OGG and more. They are classified on the machine that runs genrescope, and go nowhere else. ${plural(limits.songs, "song")} at most.`;

const button = (text, input, kind) =>
  el("button", { type: "button", class: kind, onclick: () => input.click() }, text);

function picker(isFolder, send) {
  const label = isFolder ? "A folder of songs" : "Songs";
  const input = el("input", {
    type: "file",
    multiple: true,
    hidden: true,
    webkitdirectory: isFolder,
    accept: isFolder ? null : "audio/*",
    "aria-label": label,
  });
  input.addEventListener("change", () => {
    const files = [...input.files].map((file) => ({ file, name: file.webkitRelativePath || file.name }));
    send(isFolder ? byName(files, ({ name }) => name) : files);
    input.value = "";
  });
  return input;
}

function listen(zone, send) {
  let depth = 0; // dragenter and dragleave also come from what is inside
  const mark = (change) => {
    depth = change === 0 ? 0 : Math.max(0, depth + change);
    zone.classList.toggle("over", depth > 0);
  };
  const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");
  document.addEventListener("dragenter", (event) => holdsFiles(event) && mark(1));
  document.addEventListener("dragleave", (event) => holdsFiles(event) && mark(-1));
  document.addEventListener("dragover", (event) => holdsFiles(event) && event.preventDefault());
  document.addEventListener("drop", async (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    mark(0);
    location.hash = "songs";
    send(await dropped(event.dataTransfer));
  });
}

/** All files of what was dropped. The entries must be taken before the first wait. */
async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (entries.length === 0) return [...transfer.files].map((file) => ({ file, name: file.name }));
  return (await Promise.all(entries.map(filesOf))).flat();
}

/** The files of an entry: itself, or all in it. */
async function filesOf(entry) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    return [{ file, name: entry.fullPath.replace(/^\//, "") }];
  }
  const inside = byName(await listing(entry.createReader()), ({ name }) => name);
  return (await Promise.all(inside.map(filesOf))).flat();
}

/** A reader gives at most a hundred entries at a time. */
async function listing(reader) {
  const found = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return found;
    found.push(...some);
  }
}
