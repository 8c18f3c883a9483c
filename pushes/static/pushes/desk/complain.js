// One key files complaints: about the open link, or about a selection. The form, the declaration
// and what is said afterwards are the complaints room's own.

import { clearSelection, selected } from "./list.js";
import { open, openId } from "./pane.js";
import { forgetComplaints, rememberComplaints } from "./verdicts.js";
import { announce, reasonOf, send, toast, word } from "./words.js";

const MOST = 300;
const dialog = document.getElementById("complaint-dialog");
const form = document.getElementById("complaint-form");
let chosen = [];

export function complain() {
  chosen = selected().length ? selected().slice(0, MOST) : [openId()].filter(Boolean);
  if (!form) { announce(word("no_complaint")); return; }
  if (!chosen.length) return;
  form.querySelectorAll("[data-number]").forEach((place) => { place.textContent = String(chosen.length); });
  if (!form.elements.statement) { file(); return; }
  allow(true);
  dialog.showModal();
  form.elements.statement.focus();
  showChecks();
}

/** What would become of each chosen link, before anything is filed. */
async function showChecks() {
  const place = form.querySelector("[data-checks]");
  if (!place) return;
  place.replaceChildren();
  const asked = chosen;
  try {
    const data = new FormData();
    asked.forEach((uuid) => data.append("link", uuid));
    const response = await send(place.dataset.checks, data);
    if (!response.ok || asked !== chosen) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    place.replaceChildren(...page.body.children);
    allow(place.querySelector("[data-ready]")?.dataset.ready !== "0");
  } catch { /* Filing itself checks again and says what it refused. */ }
}

/** Where nothing can be filed there is nothing to press. */
function allow(may) {
  form.querySelector("button:not([type=button])").disabled = !may;
}

async function file() {
  const data = new FormData(form);
  chosen.forEach((uuid) => data.append("link", uuid));
  try {
    const response = await send(form.action, data);
    if (!response.ok) throw new Error(await reasonOf(response));
    // The declaration holds until the session ends; the next complaint asks nothing.
    form.querySelector("[data-statement]")?.remove();
    dialog.close();
    showSaid(await response.text());
    clearSelection();
    if (chosen.includes(openId())) open(openId(), { fresh: true });
  } catch (failure) {
    dialog.close();
    toast("problem-toast", failure instanceof TypeError ? word("failed") : failure.message);
  }
}

function showSaid(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const said = [...page.querySelectorAll(".toast")];
  document.getElementById("toasts").append(...said);
  const back = said.map((each) => each.querySelector("form[data-take-back]")).find(Boolean);
  if (back) rememberComplaints(() => takeBack(back));
  announce(said.map((each) => each.querySelector("div").textContent.trim()).join(" "));
}

form?.addEventListener("submit", (event) => { event.preventDefault(); file(); });

async function takeBack(back) {
  forgetComplaints();
  try {
    const response = await send(back.action, new FormData(back));
    if (!response.ok) throw new Error(await reasonOf(response));
    back.closest(".toast").remove();
    showSaid(await response.text());
    if (openId()) open(openId(), { fresh: true });
  } catch (failure) {
    toast("problem-toast", failure instanceof TypeError ? word("failed") : failure.message);
  }
}

// A form that takes complaints back sits in a toast.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("#toasts form[data-take-back]")) return;
  event.preventDefault();
  takeBack(event.target);
});
