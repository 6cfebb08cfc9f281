// Warnings of the tree and of the open section. They take longer than the page, so they are asked for when it is there.

let known = { kinds: [], lacks: {} };
let asked = null;

// What a section lacks, as texts with what they mean.
function lacking(id) {
  const [, ...numbers] = known.lacks[id] ?? [];
  const texts = numbers.map((number, at) => [`${number.toLocaleString("en-GB")} ${known.kinds[at][0]}`, known.kinds[at][1]]);
  return texts.filter((_, at) => numbers[at]);
}

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
    const lacks = one.querySelector(".tree__lacks");
    lacks.textContent = known.lacks[one.dataset.id]?.[0].toLocaleString("en-GB") ?? "";
    lacks.title = lacking(one.dataset.id).map(([text]) => text).join(", ");
  }
  for (const list of document.querySelectorAll("ul[data-lacks]:not(.tree)")) {
    list.replaceChildren(...lacking(list.dataset.lacks).map(badge));
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
