// Chooses the browser's time zone in a select marked data-time-zone, where the person has not chosen yet.

for (const select of document.querySelectorAll("select[data-time-zone]")) {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if ([...select.options].some((option) => option.value === here)) {
    select.value = here;
  }
}
