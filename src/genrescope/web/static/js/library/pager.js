// A long list, page by page: back, on, or to a page by its number.

import { el, field } from "../dom.js";
import { count } from "../words.js";

/** `go(offset)` is called when a page is wanted; `show(offset, total)` shows where one is. */
export function pager(page, go) {
  const place = el("span", { class: "number", role: "status" });
  const number = el("input", { type: "number", min: 1, value: 1 });
  const to = (wanted) => go(page * (Math.min(Math.max(wanted, 1), Number(number.max)) - 1));
  const back = el("button", { type: "button", onclick: () => to(Number(number.value) - 1) }, "Back");
  const on = el("button", { type: "button", onclick: () => to(Number(number.value) + 1) }, "Next");
  number.addEventListener("change", () => to(Math.round(Number(number.value)) || 1));
  const node = el("div", { class: "row end" }, back, field("Page", number, { class: "field few" }), on, place);
  const show = (offset, total) => {
    const pages = Math.max(1, Math.ceil(total / page));
    const end = Math.min(total, offset + page);
    number.max = pages;
    number.value = Math.floor(offset / page) + 1;
    place.textContent = total
      ? `of ${count(pages)}: rows ${count(offset + 1)} to ${count(end)} of ${count(total)}`
      : "No rows";
    back.disabled = offset === 0;
    on.disabled = end >= total;
  };
  return { node, show };
}
