// Links that load a part of the page into a dialog open that dialog once it is there.

document.addEventListener("htmx:afterSwap", (event) => {
  const opens = event.detail.requestConfig?.elt?.dataset?.opens;
  const dialog = opens && document.getElementById(opens);
  if (dialog && !dialog.open) dialog.showModal();
});
