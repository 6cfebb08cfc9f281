// The picture of a product grows from its place in a list into its page, and goes back there.
// The page of a product names its main picture in motion.css; here the one of a list that is meant gets that name.

const NAME = "picture";

function pictureOf(address) {
  const path = new URL(address).pathname;
  if (path === location.pathname) return null;
  const link = document.querySelector(`#rows a[href="${path}"]`);
  return link?.closest("li, tr")?.querySelector("img");
}

async function name(picture, until) {
  if (!picture) return;
  picture.style.viewTransitionName = NAME;
  await until.catch(() => {});
  picture.style.viewTransitionName = "";
}

addEventListener("pageswap", ({ viewTransition, activation }) => {
  if (viewTransition && activation?.entry.url) name(pictureOf(activation.entry.url), viewTransition.finished);
});

addEventListener("pagereveal", ({ viewTransition }) => {
  const from = window.navigation?.activation?.from?.url;
  if (viewTransition && from) name(pictureOf(from), viewTransition.finished);
});
