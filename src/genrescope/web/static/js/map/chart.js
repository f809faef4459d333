// A canvas of points that can be moved, zoomed and walked through.

import { el } from "../dom.js";
import { sprites } from "./sprites.js";
import { viewport } from "./viewport.js";

const NEAR = 14; // pixels within which a point is meant
const TAP = 5; // pixels that a press may move

/** `on` has the label and what to do: point(place or null), press(place), open(place). */
export function chart(data, on) {
  const canvas = el("canvas", { tabindex: 0, role: "application", "aria-label": on.label });
  const view = viewport(data);
  const shape = { chosen: new Set(), unsure: 0, colours: null };
  let current = null;
  let queued = false;

  const redraw = () => {
    if (!queued) requestAnimationFrame(() => ((queued = false), paint(canvas, data, view, shape, current)));
    queued = true;
  };
  const isShown = (place) => {
    const name = data.confidence[place] < shape.unsure ? "unknown" : data.genres[data.genre[place]];
    return shape.chosen.size === 0 || shape.chosen.has(name);
  };
  const point = (place) => {
    if (place === current) return;
    current = place;
    canvas.style.cursor = place === null ? "grab" : "pointer";
    on.point(place);
    redraw();
  };
  const zoom = (factor, x = canvas.clientWidth / 2, y = canvas.clientHeight / 2) => (
    view.zoom(factor, x, y),
    redraw()
  );
  const reset = () => (view.fit(canvas.clientWidth, canvas.clientHeight), redraw());

  followPointers(canvas, {
    hover: (x, y) => point(view.nearest(x, y, NEAR, isShown)),
    drag: (dx, dy) => (view.pan(dx, dy), redraw()),
    zoom,
    tap: (x, y) => {
      const place = view.nearest(x, y, NEAR, isShown);
      if (place === null) return;
      current = place;
      redraw();
      on.press(place);
    },
  });
  canvas.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const acts = { "+": () => zoom(1.5), "=": () => zoom(1.5), "-": () => zoom(1 / 1.5), 0: reset };
    if (event.key in steps) walk(...steps[event.key]);
    else if (event.key in acts) acts[event.key]();
    else if (event.key === " " && current !== null) on.press(current);
    else if (event.key === "Enter" && current !== null) on.open(current);
    else return;
    event.preventDefault();
  });
  const walk = (dx, dy) => {
    const next =
      current === null
        ? view.nearest(canvas.clientWidth / 2, canvas.clientHeight / 2, 1e9, isShown)
        : view.next(current, dx, dy, isShown);
    if (next === null) return;
    view.reveal(next, canvas.clientWidth, canvas.clientHeight);
    point(next);
  };
  new ResizeObserver(() => {
    view.fit(canvas.clientWidth, canvas.clientHeight, true);
    redraw();
  }).observe(canvas);

  const button = (text, label, act) =>
    el("button", { type: "button", "aria-label": label, onclick: act }, text);
  const tools = el(
    "div",
    { class: "zooms" },
    button("+", "Closer", () => zoom(1.5)),
    button("−", "Farther", () => zoom(1 / 1.5)),
    button("⤢", "All of it", reset),
  );
  return {
    node: el("div", { class: "canvas" }, canvas, tools),
    show: (change) => (Object.assign(shape, change), redraw()),
  };
}

/** Mouse, pen and fingers: hovering, dragging, pinching, pressing, the wheel. */
function followPointers(canvas, on) {
  const down = new Map();
  let moved = 0;
  const at = (event) => [event.offsetX, event.offsetY];
  const gap = () => {
    const [one, other] = [...down.values()];
    return other ? Math.hypot(one[0] - other[0], one[1] - other[1]) : null;
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    down.set(event.pointerId, at(event));
    moved = down.size > 1 ? TAP + 1 : 0;
  });
  canvas.addEventListener("pointermove", (event) => {
    const before = down.get(event.pointerId);
    if (!before) return on.hover(...at(event));
    const [old, now] = [gap(), at(event)];
    down.set(event.pointerId, now);
    moved += Math.abs(now[0] - before[0]) + Math.abs(now[1] - before[1]);
    if (old) on.zoom(gap() / old, ...now);
    else if (moved > TAP) on.drag(now[0] - before[0], now[1] - before[1]);
  });
  const up = (event) => {
    if (down.delete(event.pointerId) && event.type === "pointerup" && moved <= TAP) on.tap(...at(event));
  };
  canvas.addEventListener("pointerup", up);
  canvas.addEventListener("pointercancel", up);
  canvas.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      on.zoom(Math.exp(-event.deltaY / 400), ...at(event));
    },
    { passive: false },
  );
}

function paint(canvas, data, view, shape, current) {
  const scale = window.devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (!width || !shape.colours) return;
  if (canvas.width !== Math.round(width * scale)) canvas.width = Math.round(width * scale);
  if (canvas.height !== Math.round(height * scale)) canvas.height = Math.round(height * scale);
  const context = canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  const size = view.size();
  const stamps = sprites(data.genres, shape.colours, size, scale);
  const half = stamps.extent / 2;
  const pass = (unsure) => {
    for (let place = 0; place < data.ids.length; place += 1) {
      if (data.confidence[place] < shape.unsure !== unsure) continue;
      const [x, y] = view.place(place);
      if (x < -half || y < -half || x > width + half || y > height + half) continue;
      const name = unsure ? "unknown" : data.genres[data.genre[place]];
      const dimmed = shape.chosen.size && !shape.chosen.has(name);
      context.globalAlpha = dimmed ? 0.06 : unsure ? 0.5 : 1;
      context.drawImage(
        stamps.of(data.genre[place], unsure),
        x - half,
        y - half,
        stamps.extent,
        stamps.extent,
      );
    }
  };
  pass(true); // unsure ones lie below
  pass(false);
  context.globalAlpha = 1;
  if (current !== null) ring(context, view.place(current), size, shape.colours);
}

function ring(context, [x, y], size, { ink, page }) {
  for (const [colour, width] of [
    [page, 5],
    [ink, 2],
  ]) {
    context.beginPath();
    context.arc(x, y, size / 2 + 5, 0, 2 * Math.PI);
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke();
  }
}
