// Sums of the ticked rows, in place of those of all that are listed.

const kept = new WeakMap();

function add(values) {
  // In whole units of the finest decimal there is, so that cents add up.
  const digits = Math.max(0, ...values.map((text) => (text.split(".")[1] ?? "").length));
  const whole = values.map((text) => {
    const [before, after = ""] = text.split(".");
    return BigInt(before + after.padEnd(digits, "0"));
  });
  const text = String(whole.reduce((a, b) => a + b, 0n)).padStart(digits + 1, "0");
  const head = BigInt(text.slice(0, text.length - digits)).toLocaleString("en-GB");
  return digits ? `${head}.${text.slice(-digits)}` : head;
}

function tell(form) {
  const of = form.querySelector("[data-sums-of]");
  if (!of) return;
  const rows = [...form.querySelectorAll("tbody .pick:checked")].map((pick) => pick.closest("tr"));
  const all = rows.length === 0 || form.querySelector("[data-all]")?.checked;
  of.textContent = all ? "All that are listed" : "Selected";
  for (const place of form.querySelectorAll("[data-sum-of]")) {
    const number = place.querySelector("[data-number]");
    if (!kept.has(number)) kept.set(number, number.textContent);
    const values = rows.flatMap((row) => [...row.querySelectorAll(`[data-sum="${place.dataset.sumOf}"]`)]);
    // A column that is not on show has no values to add.
    const column = place.dataset.sumOf === "units" ? '[data-sum="units"]' : '[data-sum]:not([data-sum="units"])';
    const sum = () => (form.querySelector(column) ? add(values.map((value) => value.dataset.value)) : "\u2013");
    number.textContent = all ? kept.get(number) : sum();
  }
}

document.addEventListener("change", (event) => {
  const form = event.target.closest?.(".list");
  if (form) tell(form);
});
