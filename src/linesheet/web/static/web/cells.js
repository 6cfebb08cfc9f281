// Figures edited in place: Enter and the arrows go on to the next one of the column, Esc puts back what was there.

const ofColumn = (cell) => [...document.querySelectorAll(`.cell__input[data-column="${CSS.escape(cell.dataset.column)}"]`)];

function goTo(cell, steps) {
  const cells = ofColumn(cell);
  const next = cells[cells.indexOf(cell) + steps];
  // Leaving a field is what saves it; at the end of the column there is nowhere to go.
  if (next) next.focus();
  else {
    cell.blur();
    cell.focus();
  }
  (next ?? cell).select();
}

document.addEventListener("keydown", (event) => {
  const cell = event.target;
  if (!cell.matches?.(".cell__input") || event.isComposing) return;
  if (event.key === "Enter" || event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    goTo(cell, event.key === "ArrowUp" || event.shiftKey ? -1 : 1);
  } else if (event.key === "Escape" && cell.value !== cell.defaultValue) {
    event.preventDefault();
    cell.value = cell.defaultValue;
    cell.select();
  }
});

document.addEventListener("focusin", (event) => {
  if (event.target.matches?.(".cell__input")) event.target.select();
});
