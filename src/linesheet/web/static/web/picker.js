// What is picked: it outlives every change of the filters, and is counted as it grows.

const form = document.querySelector("#picked");
const field = form.querySelector("[name=chosen]");
const chosen = new Set(field.value.split(",").filter(Boolean));
const ticks = () => [...document.querySelectorAll(".picker__tick")];

function tell() {
  for (const tick of ticks()) tick.checked = chosen.has(tick.value);
  for (const button of document.querySelectorAll("[data-displayed], [data-matching]")) button.hidden = !button.matches("[data-matching]") && !ticks().length;
  field.value = [...chosen].join();
  const number = chosen.size.toLocaleString("en-GB");
  const add = form.querySelector("[data-add]");
  add.textContent = `Add ${number} Product${chosen.size === 1 ? "" : "s"}`;
  add.disabled = chosen.size === 0;
  form.querySelector("[data-count]").textContent = chosen.size ? `${number} picked` : "Tick the products that are meant.";
  form.querySelector("[data-clear]").hidden = chosen.size === 0;
}

document.addEventListener("change", (event) => {
  if (!event.target.matches(".picker__tick")) return;
  if (event.target.checked) chosen.add(event.target.value);
  else chosen.delete(event.target.value);
  tell();
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  if (button?.matches("[data-displayed]")) {
    for (const tick of ticks()) chosen.add(tick.value);
  } else if (button?.matches("[data-matching]")) {
    const answer = await fetch(`${form.dataset.all}?${button.dataset.matching}`);
    if (answer.ok) for (const id of (await answer.json()).ids) chosen.add(String(id));
  } else if (button?.matches("[data-clear]")) {
    chosen.clear();
  } else return;
  tell();
});

document.addEventListener("htmx:afterSwap", () => {
  for (const picks of document.querySelectorAll("[data-picks]")) {
    for (const id of picks.dataset.picks.split(",").filter(Boolean)) chosen.add(id);
    delete picks.dataset.picks;
  }
  tell();
});

// The hidden field says it all; ticks on screen would say it twice, and only those that are there.
form.addEventListener("formdata", (event) => event.formData.delete("product"));
tell();
