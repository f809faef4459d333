// Making and finding elements. Text is always set as text, never parsed as HTML.

const SVG = "http://www.w3.org/2000/svg";

/** An element: attributes and properties, `on...` handlers, then children (nodes, text, null). */
export function el(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked" || name === "indeterminate") node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return node;
}

export const byId = (id) => document.getElementById(id);

/** Announce a text to screen readers. */
export function announce(text) {
  byId("announcer").textContent = text;
}

/** A problem as the page shows it: what is wrong, and what can be done. */
export function problem(error) {
  const remedy = error.remedy ? el("small", {}, error.remedy) : null;
  return el("p", { class: "problem", role: "alert" }, error.message, remedy);
}

/** Calls `act` once, `wait` ms after the last call of what this returns. */
export function settled(act, wait = 150) {
  let timer = 0;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...args), wait);
  };
}

/** Calls `act` at each event of `subscribe`, until `node` has been on the page and has left it. */
export function whileShown(node, subscribe, act) {
  let seen = false;
  const stop = subscribe(() => {
    seen ||= node.isConnected;
    if (seen && !node.isConnected) stop();
    else act();
  });
  setTimeout(() => (seen ||= node.isConnected)); // most are put on the page at once
}

/** A new id for an element that another one names. */
let last = 0;
export const newId = (stem) => `${stem}-${++last}`;

/** A labelled control, as a block. */
export function field(label, control, attributes = {}) {
  control.id ||= newId("field");
  return el("div", { class: "field", ...attributes }, el("label", { for: control.id }, label), control);
}

export const option = (value, text = value) => el("option", { value }, text);
