// The review desk: keys, clicks and the address. The parts are in the modules beside this one.

import { watch as watchClaims } from "./claims.js";
import { toggle as toggleCompare } from "./compare.js";
import { complain } from "./complain.js";
import { clearSelection, currentRow, desk, idOf, loadMore, neighbour, pick, reveal, selected, showSelection } from "./list.js";
import { judgeMany, onDone } from "./many.js";
import { close, open, openId, pane, prefetchNext, settle } from "./pane.js";
import { watch as watchSwipes } from "./swipe.js";
import { judge, remember, skip, undo } from "./verdicts.js";
import { announce, reasonOf, send, toast, word } from "./words.js";

const keys = JSON.parse(document.getElementById("desk-keys").textContent);
const actionOf = new Map(Object.entries(keys).map(([action, key]) => [key, action]));
const OUTCOMES = ["counterfeit", "other_infringement", "genuine", "authorised", "appraisal"];

async function step(by) {
  let row = neighbour(by);
  if (!row && await loadMore(by > 0 ? "after" : "before")) row = neighbour(by);
  if (row) await open(idOf(row), { record: openId() ? "replace" : "push" });
  else announce(word("end"));
}

function writeNote() {
  const dialog = document.getElementById("note-dialog");
  if (!pane() || !desk.dataset.mayJudge) return;
  dialog.querySelector("form[method=post]").action = pane().dataset.note;
  dialog.showModal();
  dialog.querySelector("textarea").focus();
}

function explain() {
  const why = document.getElementById("why");
  reveal(why, "start");
  why?.focus({ preventScroll: true });
}

/** The open link and those that look like it and wait, judged as one case. */
function fold() {
  const alike = [...document.querySelectorAll(".likenesses li[data-state=pending]")].map(idOf);
  judgeMany([openId(), ...alike]);
}

const acts = {
  next: () => step(1),
  previous: () => step(-1),
  select: (event) => pick(currentRow() ?? neighbour(1), { range: Boolean(event?.shiftKey) }),
  undo,
  skip,
  explain,
  note: writeNote,
  zoom: () => toggleCompare(document.getElementById("pane")),
  search: () => document.querySelector(".desk-search input").focus(),
  sheet: () => document.getElementById("key-sheet").showModal(),
  complaint: complain,
  bulk: () => judgeMany(selected()),
  fold,
  clear: clearSelection,
  close: () => close(),
};
OUTCOMES.forEach((outcome) => { acts[outcome] = () => judge(outcome); });

// ------------------------------------------------------------ keys

const TYPING = "input:not([type='checkbox'], [type='radio']), select, textarea, [contenteditable]";
const PRESSED = "button, summary, a.button";

/** What a key press means; null while typing, composing, with modifiers or over a dialog. */
function meaning(event) {
  if (event.isComposing || event.keyCode === 229 || event.defaultPrevented || event.repeat && event.key !== keys.next && event.key !== keys.previous) return null;
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  if (event.target.closest(TYPING) || document.querySelector("dialog[open]")) return null;
  if ((event.key === " " || event.key === "Enter") && event.target.closest(PRESSED)) return null;
  const action = actionOf.get(event.key.toLowerCase());
  const isLetter = event.key.toLowerCase() !== event.key.toUpperCase();
  return event.shiftKey && isLetter && action !== "select" ? null : action ?? null;
}

function chooseRight(event) {
  const rights = document.getElementById("rights");
  if (!rights?.open || event.target.closest(TYPING) || event.ctrlKey || event.metaKey || event.altKey) return false;
  if (event.key === "Escape") { rights.open = false; return true; }
  const buttons = [...rights.querySelectorAll(".menu-panel button")];
  const button = /^[1-9]$/.test(event.key) ? buttons[Number(event.key) - 1] : null;
  button?.click();
  return Boolean(button);
}

// Who came by the search key must get back to the keys; words are cleared first, as browsers do.
document.querySelector(".desk-search input")?.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.isComposing && !event.target.value) event.target.blur();
});

document.addEventListener("keydown", (event) => {
  if (document.body.dataset.shortcuts === "off" || !actionOf.size) return;
  if (chooseRight(event)) { event.preventDefault(); return; }
  const action = meaning(event);
  if (!action || !acts[action]) return;
  event.preventDefault();
  acts[action](event);
}, true);

// ------------------------------------------------------------ clicks, forms

document.addEventListener("click", (event) => {
  const control = event.target.closest("[data-act]");
  if (control && desk.contains(control) && control.type !== "submit") {
    if (control.tagName === "SUMMARY") return;
    event.preventDefault();
    acts[control.dataset.act]?.(event);
    return;
  }
  if (control?.dataset.act === "undo") { undo(); return; }
  const more = event.target.closest("[data-more]");
  if (more) { loadMore(more.dataset.more); return; }
  const link = event.target.closest(".link-title");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  open(idOf(link.closest("[data-link]")), { record: openId() ? "replace" : "push", focus: true });
});

document.addEventListener("change", (event) => {
  if (event.target.closest(".row-check")) showSelection();
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.verdict) {
    event.preventDefault();
    const pressed = event.submitter;
    if (pressed?.name === "right") judge("other_infringement", pressed.value);
    else if (pressed?.name === "outcome") judge(pressed.value);
  }
  if (form.id === "note-form") {
    event.preventDefault();
    keepNote(form);
  }
});

// An address with every empty filter in it would be no address to share.
document.getElementById("desk-filter").addEventListener("formdata", (event) => {
  const usual = { view: "pending", order: "due" };
  for (const [name, value] of [...event.formData]) {
    if (!value || usual[name] === value) event.formData.delete(name);
  }
});

async function keepNote(form) {
  const dialog = form.closest("dialog");
  try {
    const response = await send(form.action, new FormData(form));
    if (!response.ok) throw new Error(await reasonOf(response));
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    document.getElementById("notes").replaceWith(page.getElementById("notes"));
    form.reset();
    dialog.close();
  } catch (failure) {
    toast("problem-toast", failure instanceof TypeError ? word("failed") : failure.message, () => keepNote(form));
  }
}

// ------------------------------------------------------------ the address

window.addEventListener("popstate", () => {
  const uuid = location.pathname.slice(desk.dataset.list.length);
  if (uuid) open(uuid, { record: "none" });
  else close({ record: false });
});

onDone(remember);
settle();
if (openId()) {
  reveal(currentRow(), "center");
  prefetchNext(openId());
}
showSelection();
watchClaims();
watchSwipes(document.getElementById("pane"), { next: acts.next, previous: acts.previous });
desk.dataset.ready = "yes";
