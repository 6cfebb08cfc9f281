// Sections are moved by Alt and an arrow key, and by dragging; products are dragged into sections.

const STEPS = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "out", ArrowRight: "in" };
const item = (element) => element.closest?.(".tree__item");
let dragged = null;
let waiting = Promise.resolve();

// One after the other, as each answer draws the tree anew; the item of the id `focus` is where a person goes on if
// the focus went with the old tree.
export function post(address, values, focus) {
  waiting = waiting.then(async () => {
    document.querySelector("#mover [name=open]").value = document.querySelector("#section").dataset.open ?? "";
    await htmx.ajax("POST", address, { source: "#mover", target: "#main", select: "#main", swap: "outerHTML", values });
    if (focus && !item(document.activeElement)) document.getElementById(focus)?.focus();
  });
}

const may = () => document.querySelector(".tree")?.dataset.may === "yes";

document.addEventListener("keydown", (event) => {
  const one = item(event.target);
  if (!one || !event.altKey || !STEPS[event.key] || !may()) return;
  event.preventDefault();
  post(`${one.getAttribute("href")}move/`, { step: STEPS[event.key] }, one.id);
});

function where(one, event) {
  if (dragged.products) return "into";
  const box = one.getBoundingClientRect();
  const part = (event.clientY - box.top) / box.height;
  return part < 0.25 ? "before" : part > 0.75 ? "after" : "into";
}

function mark(one, how) {
  for (const other of document.querySelectorAll(".tree__item[data-drop]")) delete other.dataset.drop;
  if (one) one.dataset.drop = how;
}

document.addEventListener("dragstart", (event) => {
  const one = item(event.target);
  const row = event.target.closest?.(".placed__row");
  if (!may() || (!one && !row)) return;
  event.dataTransfer.effectAllowed = "move";
  dragged = one ? { section: one } : { products: ticked(row) };
});

function ticked(row) {
  const rows = [...document.querySelectorAll(".placed__row:has(.pick:checked)")];
  return (rows.includes(row) ? rows : [row]).map((each) => each.dataset.product);
}

document.addEventListener("dragover", (event) => {
  const one = item(event.target);
  if (!dragged || !one || one === dragged.section) return mark(null);
  event.preventDefault();
  mark(one, where(one, event));
});

document.addEventListener("drop", (event) => {
  const one = item(event.target);
  if (!dragged || !one || one === dragged.section) return;
  event.preventDefault();
  if (dragged.section) {
    post(`${dragged.section.getAttribute("href")}move/`, { where: where(one, event), target: one.dataset.id });
  } else {
    post(document.querySelector("#placed").dataset.move, { product: dragged.products.join(), target: one.dataset.id });
  }
});

document.addEventListener("dragend", () => {
  mark(null);
  dragged = null;
});
