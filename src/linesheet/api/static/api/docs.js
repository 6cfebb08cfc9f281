// Shows the OpenAPI document that the page names, with Swagger UI. The key that is typed in stays in the page.
const docs = document.getElementById("docs");

window.SwaggerUIBundle({
  domNode: docs,
  url: docs.dataset.document,
  deepLinking: true,
  layout: "BaseLayout",
  persistAuthorization: false,
  validatorUrl: null,
});
