// One key: the verdict is said, the next link is there, and the server hears of it meanwhile.

import { judgeMany, undoMany } from "./many.js";
import { desk, nextToJudge, loadMore, replaceRow, rowOf, selected } from "./list.js";
import { forget, open, openId, pane, paneState, tell } from "./pane.js";
import { announce, reasonOf, send, toast, word } from "./words.js";

const DECIDABLE = new Set(["pending", "lapsed", "appraisal"]);
const done = [];
let shown = null;

function formOf(uuid) {
  const form = pane()?.dataset.pane === uuid ? pane().querySelector("#verdict-form") : null;
  const data = form ? new FormData(form) : new FormData();
  data.delete("csrfmiddlewaretoken");
  return data;
}

/** Give a verdict on the open link and go on. */
export async function judge(outcome, right = "") {
  if (selected().length) { judgeMany(selected(), outcome); return; }
  const uuid = openId();
  if (!uuid || !DECIDABLE.has(paneState()) || !desk.dataset.mayJudge) return;
  if (outcome === "other_infringement" && !right) { askForRight(); return; }
  performance.mark("desk:verdict");
  const data = formOf(uuid);
  data.set("outcome", outcome);
  data.set("right", right);
  data.set("as", "row");
  data.set("query", desk.dataset.query);
  const title = pane().dataset.title;
  const sent = send(`${desk.dataset.list}${uuid}/verdict`, data);
  markHeld(uuid, outcome);
  forget(uuid);
  const moved = goOn(uuid, word(outcome));
  try {
    const response = await sent;
    if (!response.ok) throw new Error(await reasonOf(response));
    replaceRow(uuid, await response.text());
    remember([uuid], `${word(outcome)} · ${title}`);
    // Only when nothing follows does the pane still show this link; it must say what was said.
    if (!(await moved) && openId() === uuid) open(uuid, { fresh: true });
  } catch (failure) {
    refuse(uuid, failure, () => open(uuid, { fresh: true }).then(() => judge(outcome, right)));
  }
}

function askForRight() {
  const rights = document.getElementById("rights");
  if (!rights) return;
  rights.open = true;
  rights.querySelector(".menu-panel button").focus();
}

function markHeld(uuid, outcome) {
  const row = rowOf(uuid);
  if (!row) return;
  row.dataset.state = "held";
  row.classList.add("is-held");
  row.dataset.said = outcome;
}

/** Open the next link; resolves to whether there is one. */
async function goOn(uuid, said) {
  let next = nextToJudge(uuid);
  if (!next && await loadMore("after")) next = nextToJudge(uuid);
  if (!next) { announce(`${said}. ${word("end")}`); return false; }
  await open(next.dataset.link);
  performance.measure("desk:next", "desk:verdict");
  tell(said, pane()?.dataset.title);
  return true;
}

/** Go to the next link without a word. */
export async function skip() {
  let next = nextToJudge(openId());
  if (!next && await loadMore("after")) next = nextToJudge(openId());
  if (next) await open(next.dataset.link);
  else announce(word("end"));
}

export function remember(ids, text) {
  done.push(ids);
  shown?.remove();
  shown = toast("verdict-toast", text);
}

function refuse(uuid, failure, again) {
  const message = failure instanceof TypeError ? word("failed") : failure.message;
  toast("problem-toast", message, again);
  announce(message);
  freshRow(uuid);
}

export async function freshRow(uuid) {
  const query = new URLSearchParams({ as: "row" });
  const response = await fetch(`${desk.dataset.list}${uuid}/panel?${query}`, { headers: { "HX-Request": "true" } });
  if (response.ok) replaceRow(uuid, await response.text());
  forget(uuid);
}

/** Let the undo key take filed complaints back in their turn: `takeBack` covers all that still can be. */
export function rememberComplaints(takeBack) {
  forgetComplaints();
  done.push(takeBack);
}

export function forgetComplaints() {
  const at = done.findIndex((each) => typeof each === "function");
  if (at >= 0) done.splice(at, 1);
}

/** Take what was done last back: a complaint, or a verdict, whose link is opened again. */
export async function undo() {
  const ids = done.pop();
  if (!ids) { announce(word("nothing_to_undo")); return; }
  if (typeof ids === "function") { await ids(); return; }
  shown?.remove();
  if (ids.length > 1) {
    if (await undoMany(ids)) await open(ids[0], { fresh: true });
    return;
  }
  for (const uuid of ids) {
    const data = new FormData();
    data.set("as", "row");
    data.set("query", desk.dataset.query);
    try {
      const response = await send(`${desk.dataset.list}${uuid}/undo`, data);
      if (!response.ok) throw new Error(await reasonOf(response));
      replaceRow(uuid, await response.text());
    } catch (failure) {
      refuse(uuid, failure);
      return;
    }
  }
  announce(word("undone"));
  await open(ids[0], { fresh: true });
}
