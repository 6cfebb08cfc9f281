// Warnings of the tree and of the open section. They take longer than the page, so they are asked for when it is there.

let known = {};
let asked = null;

function badge([text, means]) {
  const line = document.createElement("li");
  const shown = line.appendChild(document.createElement("span"));
  shown.className = "badge badge--warn";
  shown.title = means;
  shown.textContent = text;
  return line;
}

function show() {
  for (const one of document.querySelectorAll(".tree__item")) {
    const [number, which] = known[one.dataset.id] ?? [];
    const lacks = one.querySelector(".tree__lacks");
    lacks.textContent = number?.toLocaleString("en-GB") ?? "";
    lacks.title = which?.map(([text]) => text).join(", ") ?? "";
  }
  for (const list of document.querySelectorAll("ul[data-lacks]:not(.tree)")) {
    list.replaceChildren(...(known[list.dataset.lacks]?.[1] ?? []).map(badge));
  }
}

async function ask() {
  const tree = document.querySelector(".tree");
  asked?.abort();
  asked = new AbortController();
  if (!tree) return;
  try {
    const answer = await fetch(tree.dataset.lacks, { signal: asked.signal });
    if (answer.ok) known = await answer.json();
  } catch {
    return;
  }
  show();
}

document.addEventListener("htmx:afterSettle", (event) => {
  show();
  if (event.detail.target.id === "main") ask();
});
ask();
