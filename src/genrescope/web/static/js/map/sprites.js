// How a point of the map looks, drawn once for each genre: colour, shape, and letters when large.

import { genreCode, look } from "../genres.js";

// Each with how far below the middle its letters stand, in its size.
const SHAPES = [
  [circle, 0.03],
  [square, 0.03],
  [diamond, 0.03],
  [triangle, 0.2],
  [wedge, -0.17],
];
const LETTERS = 15; // pixels from which the letters can be read

const made = new Map();

/** Pictures of points of `size` pixels: of(genre's place, whether unsure). */
export function sprites(genres, colours, size, scale) {
  const extent = Math.ceil(1.5 * size) + 4;
  const of = (genre, unsure) => {
    const name = genres[genre];
    const slot = look(name)?.slot ?? genre % colours.slots.length;
    const id = [name, unsure, size, scale, colours.slots[slot]].join();
    if (!made.has(id)) {
      if (made.size > 400) made.clear();
      made.set(id, stamp(name, SHAPES[genre % SHAPES.length], slot, colours, unsure, size, extent, scale));
    }
    return made.get(id);
  };
  return { extent, of };
}

function stamp(name, shape, slot, colours, unsure, size, extent, scale) {
  const canvas = new OffscreenCanvas(extent * scale, extent * scale);
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  context.translate(extent / 2, extent / 2);
  context.beginPath();
  const [draw, below] = shape;
  draw(context, size / 2);
  context.closePath();
  context.fillStyle = unsure ? colours.page : colours.slots[slot];
  context.fill();
  context.lineWidth = unsure ? Math.max(1, size / 8) : 0.75;
  context.strokeStyle = unsure ? colours.slots[slot] : colours.page;
  if (unsure || size > 6) context.stroke();
  if (size >= LETTERS) {
    context.fillStyle = unsure ? colours.ink : colours.on[slot];
    context.font = `700 ${Math.round(size * 0.5)}px system-ui, sans-serif`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(genreCode(name), 0, size * below);
  }
  return canvas;
}

function circle(context, r) {
  context.arc(0, 0, r, 0, 2 * Math.PI);
}

function square(context, r) {
  context.rect(-0.88 * r, -0.88 * r, 1.76 * r, 1.76 * r);
}

function diamond(context, r) {
  polygon(context, [
    [0, -1.2 * r],
    [1.2 * r, 0],
    [0, 1.2 * r],
    [-1.2 * r, 0],
  ]);
}

function triangle(context, r) {
  polygon(context, [
    [0, -1.35 * r],
    [1.35 * r, r],
    [-1.35 * r, r],
  ]);
}

function wedge(context, r) {
  polygon(context, [
    [0, 1.35 * r],
    [1.35 * r, -r],
    [-1.35 * r, -r],
  ]);
}

function polygon(context, corners) {
  for (const [x, y] of corners) context.lineTo(x, y);
}
