// The few pictures on buttons, in the colour of their text.

import { svg } from "./dom.js";

const PATHS = {
  play: "M5 2.5v11l8.5-5.5z",
  pause: "M4 2.5h3v11H4zM9 2.5h3v11H9z",
  close: "M3.2 2 8 6.8 12.8 2 14 3.2 9.2 8l4.8 4.8-1.2 1.2L8 9.2 3.2 14 2 12.8 6.8 8 2 3.2z",
  open: "M2.6 5 8 10.4 13.4 5l1.1 1.1L8 12.6 1.5 6.1z",
};

export const icon = (name) =>
  svg(
    "svg",
    { viewBox: "0 0 16 16", class: `icon icon-${name}`, "aria-hidden": "true" },
    svg("path", { d: PATHS[name] }),
  );
