// Dialogs that the server put into the page: open over it, closed by Esc or Cancel, and gone when closed.

let before = null;

document.addEventListener("click", (event) => {
  const link = event.target.closest("a, button");
  if (link && !link.closest("dialog")) before = link;
  const close = event.target.closest("dialog [data-close]");
  if (!close) return;
  event.preventDefault();
  close.closest("dialog").close();
});

function forget(event) {
  event.target.remove();
  // Whatever opened it may have been swapped for another since: the one of that id, or the open section, is next best.
  const next = before?.isConnected ? before : document.getElementById(before?.id) ?? document.querySelector(".tree [aria-current]");
  next?.focus();
}

function open() {
  for (const dialog of document.querySelectorAll("dialog[data-modal][open]:not(:modal)")) {
    dialog.removeAttribute("open");
    dialog.addEventListener("close", forget);
    dialog.showModal();
    const field = dialog.querySelector("[autofocus]");
    field?.focus();
    if (field?.matches("input:not([type=radio])")) field.select();
  }
}

// Not before htmx has settled: it sets attributes anew then, "open" among them, and a dialog would be opened twice.
document.addEventListener("htmx:afterSettle", open);
open();
