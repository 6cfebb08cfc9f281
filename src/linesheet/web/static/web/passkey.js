// Passkeys. A form with data-passkey="get" or "create" holds a hidden field for the credential; a click on the form's
// button (or one elsewhere that names the form) asks the browser for it, fills the field and sends the form.
// The options come from a JSON script that data-options names, or from the form's address.

const optionsOf = async (form) => {
  const named = form.dataset.options && document.getElementById(form.dataset.options);
  if (named) {
    return JSON.parse(named.textContent);
  }
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!answer.ok) {
    throw new Error("The server did not answer. Try again in a minute.");
  }
  return answer.json();
};

const create = ({ creation_options: { publicKey } }) => {
  // A passkey proper: it is kept with the device, and lets one in without a password.
  publicKey.authenticatorSelection = {
    ...publicKey.authenticatorSelection,
    residentKey: "required",
    requireResidentKey: true,
    userVerification: "required",
  };
  return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey) });
};

const get = ({ request_options: { publicKey } }) =>
  navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey) });

const SAYS = {
  NotAllowedError: "No passkey was used: it was cancelled, or it took too long. Try again.",
  InvalidStateError: "This device has a passkey for you already.",
  SecurityError: "Passkeys need https and a host name; this address has none.",
};

const tell = (form, text) => {
  const place = form.querySelector("[data-passkey-says]");
  place.textContent = text;
  place.hidden = !text;
};

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const field = form.elements.credential;
  const button = form.querySelector("[data-passkey-ask]");
  if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) {
    button.disabled = true;
    tell(form, "This browser does not do passkeys. Use a newer one.");
    continue;
  }
  button.addEventListener("click", async (event) => {
    event.preventDefault();
    button.disabled = true;
    tell(form, "");
    try {
      const options = await optionsOf(form);
      const credential = await (form.dataset.passkey === "create" ? create(options) : get(options));
      field.value = JSON.stringify(credential);
      form.submit();
    } catch (error) {
      tell(form, SAYS[error.name] ?? error.message);
      button.disabled = false;
    }
  });
}
