// Rows that are ticked: how many there are, all of them at once, and a stretch of them with Shift.

let last = null;

const picks = (form) => [...form.querySelectorAll(".pick")];

function tell(form) {
  const all = form.querySelector("[data-all]");
  const ticked = picks(form).filter((pick) => pick.checked).length;
  const count = form.querySelector("[data-count]");
  if (count) count.textContent = all?.checked ? Number(all.dataset.all).toLocaleString("en-GB") : ticked;
  const head = form.querySelector(".pick-all");
  if (!head) return;
  head.hidden = false;
  head.checked = ticked > 0 && ticked === picks(form).length;
  head.indeterminate = ticked > 0 && !head.checked;
}

document.addEventListener("click", (event) => {
  const pick = event.target.closest?.(".list .pick");
  if (!pick) return;
  const rows = picks(pick.form);
  if (event.shiftKey && last?.isConnected) {
    const [from, to] = [rows.indexOf(last), rows.indexOf(pick)].sort((a, b) => a - b);
    for (const row of rows.slice(from, to + 1)) row.checked = pick.checked;
  }
  last = pick;
});

document.addEventListener("change", (event) => {
  const form = event.target.closest?.(".list");
  if (!form) return;
  if (event.target.matches(".pick-all")) {
    for (const pick of picks(form)) pick.checked = event.target.checked;
  }
  const all = form.querySelector("[data-all]");
  if (all && event.target.matches(".pick, .pick-all") && !event.target.checked) all.checked = false;
  tell(form);
});

function ready() {
  for (const form of document.querySelectorAll(".list")) tell(form);
}

document.addEventListener("htmx:afterSettle", ready);
ready();
