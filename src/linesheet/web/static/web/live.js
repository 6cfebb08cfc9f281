// A list that goes on while one looks: it is fetched anew every few seconds, unless somebody is at work on it.

const EVERY = 3000;

function atWork(form) {
  return (
    document.hidden ||
    form.contains(document.activeElement) ||
    form.querySelector(".pick:checked, [aria-expanded=true], :popover-open, dialog[open]")
  );
}

setInterval(() => {
  const live = document.querySelector("[data-live]");
  if (live && !atWork(live.closest("form"))) live.dispatchEvent(new CustomEvent("refresh"));
}, EVERY);
