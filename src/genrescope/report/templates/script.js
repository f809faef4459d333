"use strict";

// A press on a column's head sorts by it, a second press turns the order round.
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => sort(table, heads, column));
  });
}

function sort(table, heads, column) {
  const key = (row) => row.cells[column].dataset.value ?? row.cells[column].textContent.trim();
  const numeric = [...table.tBodies[0].rows].every((row) => "value" in row.cells[column].dataset);
  const first = numeric && column > 0 ? "descending" : "ascending";
  const other = first === "ascending" ? "descending" : "ascending";
  const order = heads[column].ariaSort === first ? other : first;
  const rows = [...table.tBodies[0].rows].sort((a, b) =>
    numeric ? key(a) - key(b) : key(a).localeCompare(key(b)));
  heads.forEach((head) => head.removeAttribute("aria-sort"));
  heads[column].setAttribute("aria-sort", order);
  table.tBodies[0].append(...(order === "ascending" ? rows : rows.reverse()));
}

// Commands can be copied with one press.
for (const place of document.querySelectorAll(".command")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(place.querySelector("code").textContent);
    button.textContent = "Copied";
  });
  place.append(button);
}

// A link to something folded away unfolds it.
function unfold() {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  const fold = target && target.closest("details");
  if (fold) {
    fold.open = true;
    fold.scrollIntoView();
  }
}
addEventListener("hashchange", unfold);
unfold();
