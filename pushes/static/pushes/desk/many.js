// One verdict on a selection, or on links folded into one case: one reason, and a second look
// at the number when there are many.

import { clearSelection, desk, nextToJudge, rowOf } from "./list.js";
import { forget, open, openId } from "./pane.js";
import { announce, reasonOf, send, toast, word } from "./words.js";

const CONFIRM_ABOVE = 20;
const dialog = document.getElementById("bulk-dialog");
const form = document.getElementById("bulk-form");
let chosen = [];
let whenDone = () => {};

export function onDone(callback) { whenDone = callback; }

/** Ask for the reason, with an outcome to begin with. */
export function judgeMany(ids, outcome = "counterfeit") {
  if (!dialog || !ids.length) return;
  chosen = ids;
  form.elements.outcome.value = outcome;
  form.querySelectorAll("[data-number]").forEach((place) => { place.textContent = String(ids.length); });
  const many = ids.length > CONFIRM_ABOVE;
  form.querySelector("[data-confirm-many]").hidden = !many;
  const box = document.getElementById("bulk-confirm");
  box.required = many;
  box.checked = false;
  showRight();
  dialog.showModal();
  form.elements.reason.focus();
}

function showRight() {
  form.querySelector("[data-right]").hidden = form.elements.outcome.value !== "other_infringement";
}

function markHeld(ids, outcome) {
  ids.forEach((uuid) => {
    forget(uuid);
    const row = rowOf(uuid);
    if (!row) return;
    row.dataset.state = "held";
    row.classList.add("is-held");
    row.querySelector(".deadline")?.closest(".link-facts").replaceChildren(badge(word(outcome)));
  });
}

function badge(text) {
  const made = document.createElement("span");
  made.className = "badge";
  made.dataset.state = "held";
  made.textContent = text;
  return made;
}

async function give() {
  const data = new FormData(form);
  chosen.forEach((uuid) => data.append("link", uuid));
  if (document.getElementById("bulk-confirm").checked) data.set("confirmed", String(chosen.length));
  if (data.get("outcome") !== "other_infringement") data.set("right", "");
  form.setAttribute("aria-busy", "true");
  try {
    const response = await send(form.action, data);
    if (!response.ok) throw new Error(await reasonOf(response));
    finish(await response.json(), String(data.get("outcome")));
  } catch (failure) {
    toast("problem-toast", failure instanceof TypeError ? word("failed") : failure.message);
  } finally {
    form.removeAttribute("aria-busy");
  }
}

function finish(answer, outcome) {
  dialog.close();
  form.reset();
  clearSelection();
  markHeld(answer.done, outcome);
  const said = `${word(outcome)} · ${answer.done.length} ${word("links")}`;
  if (answer.done.length) whenDone(answer.done, said);
  answer.refused.slice(0, 3).forEach((refusal) => {
    toast("problem-toast", `${word("not_judged")} “${refusal.title}”. ${refusal.reason}`);
  });
  announce(said);
  const here = openId();
  if (!here || !answer.done.includes(here)) return;
  const next = nextToJudge(here);
  open(next ? next.dataset.link : here, { fresh: !next });
}

/** Take a whole bulk back; resolves to whether that worked. */
export async function undoMany(ids) {
  const data = new FormData();
  ids.forEach((uuid) => data.append("link", uuid));
  try {
    const response = await send(`${desk.dataset.list}undo`, data);
    if (!response.ok) throw new Error(await reasonOf(response));
    const answer = await response.json();
    await Promise.all(answer.done.map(freshRow));
    announce(word("undone"));
    answer.refused.slice(0, 1).forEach((refusal) => toast("problem-toast", refusal.reason));
    return answer.done.length > 0;
  } catch (failure) {
    toast("problem-toast", failure instanceof TypeError ? word("failed") : failure.message, () => undoMany(ids));
    return false;
  }
}

async function freshRow(uuid) {
  forget(uuid);
  const row = rowOf(uuid);
  if (!row) return;
  const response = await fetch(`${desk.dataset.list}${uuid}/panel?as=row`, { headers: { "HX-Request": "true" } });
  if (!response.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const made = page.querySelector(".link-row");
  if (made) row.replaceWith(made);
}

form?.addEventListener("submit", (event) => { event.preventDefault(); give(); });
form?.elements.outcome.addEventListener("change", showRight);
