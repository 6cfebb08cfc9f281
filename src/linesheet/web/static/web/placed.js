// The order of products in their section: by Alt and an arrow key on the number, or by dragging a row.

import { post } from "./tree_moves.js";

const row = (element) => element.closest?.(".placed__row");
let dragged = [];

function move(values) {
  post(document.querySelector("#placed").dataset.move, { ...values, query: location.search });
}

document.addEventListener("keydown", (event) => {
  const grip = event.target.closest?.(".grip");
  const step = { ArrowUp: "up", ArrowDown: "down" }[event.key];
  if (!grip || !event.altKey || !step) return;
  event.preventDefault();
  move({ product: row(grip).dataset.product, step });
});

document.addEventListener("dragstart", (event) => {
  const one = row(event.target);
  if (!one) return;
  const ticked = [...document.querySelectorAll(".placed__row:has(.pick:checked)")];
  dragged = ticked.includes(one) ? ticked : [one];
});

function where(one, event) {
  const box = one.getBoundingClientRect();
  return event.clientY < box.top + box.height / 2 ? "before" : "after";
}

function mark(one, how) {
  for (const other of document.querySelectorAll(".placed__row[data-drop]")) delete other.dataset.drop;
  if (one) one.dataset.drop = how;
}

document.addEventListener("dragover", (event) => {
  const one = row(event.target);
  if (!dragged.length || !one || dragged.includes(one)) return mark(null);
  event.preventDefault();
  mark(one, where(one, event));
});

document.addEventListener("drop", (event) => {
  const one = row(event.target);
  if (!dragged.length || !one || dragged.includes(one)) return;
  event.preventDefault();
  const product = dragged.map((each) => each.dataset.product).join();
  move({ product, beside: one.dataset.product, where: where(one, event) });
});

document.addEventListener("dragend", () => {
  mark(null);
  dragged = [];
});
