// Which part of the map is seen, and which song is where in it.

const MARGIN = 24;
const MOST = 60; // times the size at which all is seen

/** `data.x` and `data.y` hold 0 to 65535, on one scale. */
export function viewport({ x, y }) {
  const bounds = { left: min(x), right: max(x), top: min(y), bottom: max(y) };
  let [scale, fitted, dx, dy] = [1, 1, 0, 0];

  const place = (at) => [x[at] * scale + dx, y[at] * scale + dy];

  /** All of it in view; where `onlyFirst`, only if nothing was seen before. */
  function fit(width, height, onlyFirst = false) {
    if (!width || (onlyFirst && fitted !== 1)) return;
    const wide = Math.max(1, bounds.right - bounds.left);
    const high = Math.max(1, bounds.bottom - bounds.top);
    scale = fitted = Math.min((width - 2 * MARGIN) / wide, (height - 2 * MARGIN) / high);
    dx = width / 2 - (scale * (bounds.left + bounds.right)) / 2;
    dy = height / 2 - (scale * (bounds.top + bounds.bottom)) / 2;
  }

  function zoom(factor, atX, atY) {
    const wanted = Math.min(Math.max(scale * factor, fitted), fitted * MOST);
    dx = atX - ((atX - dx) * wanted) / scale;
    dy = atY - ((atY - dy) * wanted) / scale;
    scale = wanted;
  }

  function pan(byX, byY) {
    dx += byX;
    dy += byY;
  }

  function nearest(atX, atY, within, isShown) {
    let [best, least] = [null, within * within];
    for (let at = 0; at < x.length; at += 1) {
      const [px, py] = place(at);
      const distance = (px - atX) ** 2 + (py - atY) ** 2;
      if (distance < least && isShown(at)) [best, least] = [at, distance];
    }
    return best;
  }

  /** The nearest song within 45 degrees of a direction. */
  function next(from, towardsX, towardsY, isShown) {
    let [best, least] = [null, Infinity];
    for (let at = 0; at < x.length; at += 1) {
      const along = (x[at] - x[from]) * towardsX + (y[at] - y[from]) * towardsY;
      const aside = Math.abs((x[at] - x[from]) * towardsY) + Math.abs((y[at] - y[from]) * towardsX);
      if (at === from || along <= 0 || aside > along || along + aside >= least || !isShown(at)) continue;
      [best, least] = [at, along + aside];
    }
    return best;
  }

  /** Moves so that a song is not at, or beyond, the edge. */
  function reveal(at, width, height) {
    const [px, py] = place(at);
    pan(Math.max(0, MARGIN * 2 - px) - Math.max(0, px - width + MARGIN * 2), 0);
    pan(0, Math.max(0, MARGIN * 2 - py) - Math.max(0, py - height + MARGIN * 2));
  }

  /** Pixels across a point: smaller where there are many, larger near by. */
  function size() {
    const start = Math.min(18, Math.max(4, 420 / Math.sqrt(x.length)));
    return Math.round(Math.min(22, start * Math.sqrt(scale / fitted)));
  }

  return { place, fit, zoom, pan, nearest, next, reveal, size };
}

const min = (values) => values.reduce((least, value) => Math.min(least, value), Infinity);
const max = (values) => values.reduce((most, value) => Math.max(most, value), -Infinity);
