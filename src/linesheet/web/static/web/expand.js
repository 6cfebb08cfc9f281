// Rows that open: what is below one is fetched when it opens first. Without scripts the sign is a link to it.

function turn(sign, open) {
  const below = document.getElementById(sign.getAttribute("aria-controls"));
  if (!below) return;
  sign.setAttribute("aria-expanded", open);
  below.hidden = !open;
  if (open) sign.dispatchEvent(new CustomEvent("open-details"));
}

document.addEventListener("click", (event) => {
  const sign = event.target.closest?.(".expand");
  if (sign && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    turn(sign, sign.getAttribute("aria-expanded") !== "true");
  }
  const all = event.target.closest?.("[data-expand]");
  if (!all) return;
  for (const pick of all.form.querySelectorAll(".pick:checked")) {
    const own = pick.closest("tr").querySelector(".expand");
    if (own) turn(own, all.dataset.expand === "true");
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === " " && event.target.matches?.(".expand")) {
    event.preventDefault();
    event.target.click();
  }
});

function ready() {
  for (const sign of document.querySelectorAll(".expand")) sign.setAttribute("role", "button");
  for (const button of document.querySelectorAll("[data-expand]")) button.hidden = false;
}

document.addEventListener("htmx:afterSettle", ready);
ready();
