// Axes for charts drawn by hand: a frame, ticks, and a place for every value.

import { svg } from "../dom.js";

const ROOM = { left: 42, right: 12, top: 10, bottom: 34 };

/** A chart of `width` by `height`; `x` and `y` have from, to, ticks, text(tick) and title. */
export function axes(width, height, x, y, label) {
  const inner = { right: width - ROOM.right, bottom: height - ROOM.bottom };
  const atX = (value) => ROOM.left + ((value - x.from) / (x.to - x.from)) * (inner.right - ROOM.left);
  const atY = (value) => inner.bottom - ((value - y.from) / (y.to - y.from)) * (inner.bottom - ROOM.top);
  const node = svg("svg", {
    class: "chart",
    viewBox: `0 0 ${width} ${height}`,
    role: "img",
    "aria-label": label,
  });
  for (const tick of y.ticks) {
    node.append(svg("line", { class: "grid", x1: ROOM.left, x2: inner.right, y1: atY(tick), y2: atY(tick) }));
    node.append(svg("text", { x: ROOM.left - 6, y: atY(tick) + 4, class: "end" }, y.text(tick)));
  }
  for (const tick of x.ticks) {
    node.append(svg("text", { x: atX(tick), y: inner.bottom + 16, class: "middle" }, x.text(tick)));
  }
  node.append(
    svg("line", { class: "axis", x1: ROOM.left, x2: inner.right, y1: inner.bottom, y2: inner.bottom }),
  );
  node.append(svg("text", { x: inner.right, y: height - 4, class: "end" }, x.title));
  return { node, atX, atY };
}

/** About `count` round numbers from `from` to `to`. */
export function ticks(from, to, count = 4) {
  const rough = (to - from) / count || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 2.5, 5, 10].find((times) => times * power >= rough) ?? 10);
  const found = [];
  for (let tick = Math.ceil(from / step) * step; tick <= to + step / 1e6; tick += step)
    found.push(Number(tick.toPrecision(12)));
  return found;
}

/** A line through points, which may have gaps where a value is null. */
export function line(points, attributes) {
  let d = "";
  let pen = "M";
  for (const [x, y] of points) {
    if (x === null || y === null || Number.isNaN(y)) pen = "M";
    else [d, pen] = [`${d}${pen}${x.toFixed(1)} ${y.toFixed(1)}`, "L"];
  }
  return svg("path", { d, ...attributes });
}

export const QUARTERS = { from: 0, to: 1, ticks: [0, 0.25, 0.5, 0.75, 1], text: (tick) => `${100 * tick}` };
