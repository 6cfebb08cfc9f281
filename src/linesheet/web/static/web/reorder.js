// Lists marked with data-reorder are put in another order by dragging; the form then tells so with "reordered".

let dragged = null;

const itemAt = (event) => event.target.closest?.("[data-reorder] [draggable=true]");

document.addEventListener("dragstart", (event) => {
  dragged = itemAt(event) ?? null;
  if (!dragged) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", "");
  dragged.classList.add("dragged");
});

document.addEventListener("dragover", (event) => {
  const over = itemAt(event);
  if (!dragged || !over || over.parentElement !== dragged.parentElement) return;
  event.preventDefault();
  if (over === dragged) return;
  const siblings = [...over.parentElement.children];
  if (siblings.indexOf(dragged) < siblings.indexOf(over)) over.after(dragged);
  else over.before(dragged);
});

document.addEventListener("drop", (event) => {
  if (dragged && event.target.closest?.("[data-reorder]")) event.preventDefault();
});

document.addEventListener("dragend", () => {
  if (!dragged) return;
  dragged.classList.remove("dragged");
  dragged.closest("form").dispatchEvent(new Event("reordered", { bubbles: true }));
  dragged = null;
});
