// Translated words, announcements and toasts of the desk.

const entries = new Map();
const list = document.getElementById("desk-words")?.content;
list?.querySelectorAll("dt").forEach((term) => entries.set(term.textContent.trim(), term.nextElementSibling.textContent.trim()));

export const word = (name) => entries.get(name) ?? name;

export function announce(text) {
  document.getElementById("announce").textContent = text;
}

/** Show a toast of a template; `act` runs when its button is pressed. Returns the toast. */
export function toast(template, text, act) {
  const made = document.getElementById(template).content.cloneNode(true).firstElementChild;
  made.querySelector("[data-text]").textContent = text;
  const button = made.querySelector("[data-retry]");
  if (button && act) button.addEventListener("click", () => { made.remove(); act(); });
  else button?.remove();
  document.getElementById("toasts").append(made);
  return made;
}

const ours = () => JSON.parse(document.body.getAttribute("hx-headers"));

/** Send a form as htmx would; refusals come back as fragments whose text says why. */
export async function send(url, data, options = {}) {
  const headers = { "HX-Request": "true", ...ours() };
  return fetch(url, { method: "POST", body: data, headers, credentials: "same-origin", ...options });
}

export async function reasonOf(response) {
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const said = page.querySelector(".errorlist, .toast > div");
  return said?.textContent.trim().replace(/\s+/g, " ") || word("failed");
}
