// The tree of sections by keyboard and mouse: one stop for Tab, arrows to walk, folding that is remembered.

const item = (element) => element.closest?.(".tree__item");
const all = () => [...document.querySelectorAll(".tree__item")];
const shown = () => all().filter((one) => !one.closest("[role=group][hidden]"));
const group = (one) => document.getElementById(one.getAttribute("aria-owns"));
const parent = (one) => document.querySelector(`[aria-owns="${one.closest("[role=group]")?.id}"]`);

function rove(to, focus = true) {
  for (const one of all()) one.tabIndex = one === to ? 0 : -1;
  if (focus) to.focus();
}

// What is in a folded section comes when it is unfolded.
async function fetchInto(one) {
  await htmx.ajax("GET", `${one.getAttribute("href")}branch/`, { target: group(one), swap: "innerHTML" });
  rove(document.querySelector(".tree__item[tabindex='0']") ?? one, false);
}

function fold(one, unfolded) {
  if (!group(one)) return;
  one.setAttribute("aria-expanded", unfolded);
  group(one).hidden = !unfolded;
  if (unfolded && !group(one).children.length) fetchInto(one);
  const ids = all().filter((each) => each.ariaExpanded === "true").map((each) => each.dataset.id);
  const path = location.pathname.match(/^.*\/catalogue\//)[0];
  document.cookie = `unfolded=${ids.slice(0, 500).join(".")}; path=${path}; samesite=lax; max-age=31536000`;
}

const KEYS = {
  ArrowDown: (one, list) => rove(list[list.indexOf(one) + 1] ?? one),
  ArrowUp: (one, list) => rove(list[list.indexOf(one) - 1] ?? one),
  ArrowRight: (one, list) => (one.ariaExpanded === "false" ? fold(one, true) : group(one) && rove(list[list.indexOf(one) + 1])),
  ArrowLeft: (one) => (one.ariaExpanded === "true" ? fold(one, false) : parent(one) && rove(parent(one))),
  Home: (_, list) => rove(list[0]),
  End: (_, list) => rove(list.at(-1)),
  " ": (one) => one.click(),
};

document.addEventListener("keydown", (event) => {
  const one = item(event.target);
  if (!one || event.altKey || event.ctrlKey || event.metaKey) return;
  if (KEYS[event.key]) {
    event.preventDefault();
    KEYS[event.key](one, shown());
  } else if (event.key.length === 1) {
    const list = shown();
    const after = [...list.slice(list.indexOf(one) + 1), ...list];
    const next = after.find((each) => each.querySelector(".tree__name").textContent.toLowerCase().startsWith(event.key.toLowerCase()));
    if (next) rove(next);
  }
});

// Before htmx hears of it: a click on the fold is no click on the section.
document.addEventListener("click", (event) => {
  const one = item(event.target);
  if (!one || event.ctrlKey || event.metaKey) return;
  if (event.target.matches(".tree__fold") && group(one)) {
    event.preventDefault();
    event.stopPropagation();
    fold(one, one.ariaExpanded !== "true");
    rove(one);
    return;
  }
  for (const other of all()) other.removeAttribute("aria-current");
  one.setAttribute("aria-current", "page");
  if (one.ariaExpanded === "false") fold(one, true);
  rove(one, false);
}, true);

function ready() {
  const list = all();
  if (!list.length) return;
  const focused = item(document.activeElement);
  const stop = focused ?? document.querySelector(".tree__item[aria-current]") ?? list[0];
  rove(stop, false);
  if (!focused) stop.scrollIntoView({ block: "nearest" });
}

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target.id === "main") ready();
  // On a phone the section takes the place of the tree.
  const name = document.querySelector("#section-name");
  if (event.detail.target.id !== "section" || !name || document.querySelector(".tree")?.checkVisibility()) return;
  name.focus();
  scrollTo({ top: 0 });
});
ready();
