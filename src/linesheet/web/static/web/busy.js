// Says that it is at work on what takes seconds: a button with data-busy, once its form is on its way.

document.addEventListener("submit", (event) => {
  const says = event.submitter?.dataset.busy;
  if (!says || event.defaultPrevented) return;
  const form = event.target;
  // A second press would ask for the same once more.
  if (form.ariaBusy === "true") return event.preventDefault();
  form.ariaBusy = "true";
  event.submitter.textContent = says;
});

// Whoever comes back by the browser's own button finds the form as it was left.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
