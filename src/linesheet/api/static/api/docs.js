// Shows the OpenAPI document that the page names, with Swagger UI. The key that is typed in stays in the page.
const docs = document.getElementById("docs");

// Swagger UI has colours for the dark, which it shows below this class.
const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

window.SwaggerUIBundle({
  domNode: docs,
  url: docs.dataset.document,
  deepLinking: true,
  layout: "BaseLayout",
  persistAuthorization: false,
  validatorUrl: null,
});
