// Leases: opening a link takes it, the open page renews it, leaving gives it back.

import { desk, rows } from "./list.js";
import { openId, pane } from "./pane.js";
import { send, word } from "./words.js";

const EVERY = 15_000;
// Live events tell who by id; names come with the answers to beats.
const people = new Map();
const own = document.getElementById("live-settings")?.dataset.member;
let asked = null;
const MOST_WATCHED = 120;

async function beat({ left = null, keepalive = false } = {}) {
  if (!desk.dataset.mayJudge) return;
  const data = new FormData();
  const uuid = keepalive ? null : openId();
  if (uuid) data.append("open", uuid);
  if (left && left !== uuid) data.append("left", left);
  rows().slice(0, MOST_WATCHED).forEach((row) => data.append("shown", row.dataset.link));
  try {
    const response = await send(desk.dataset.claim, data, { keepalive });
    if (response.ok && !keepalive) hear(uuid, await response.json());
  } catch { /* The next beat tries again; a lease that runs out is free to take. */ }
}

function hear(uuid, answer) {
  Object.entries(answer.people).forEach(([id, name]) => people.set(id, name));
  document.querySelectorAll("[data-claim-of]").forEach((mark) => showOnRow(mark, answer.claims[mark.dataset.claimOf]));
  if (uuid && uuid === openId()) showInPane(answer.by);
}

function showOnRow(mark, name) {
  mark.hidden = !name;
  if (name) mark.querySelector("[data-claim-name]").textContent = name;
}

function showInPane(name) {
  const mark = document.getElementById("pane-claim");
  mark.hidden = !name;
  if (name) mark.querySelector("[data-claim-text]").textContent = `${name} ${word("claimed")}`;
  pane().classList.toggle("is-taken", Boolean(name));
}

/** A colleague took a link or left it. */
function follow({ id, what, by }) {
  if (by === own || (what !== "claimed" && what !== "released")) return;
  const mark = document.querySelector(`[data-claim-of="${CSS.escape(id)}"]`);
  if (!mark && id !== openId()) return;
  const name = what === "claimed" ? people.get(by) : "";
  // Whoever opened it first keeps it, so only the server knows whose the open link is.
  if (name === undefined || id === openId()) { clearTimeout(asked); asked = setTimeout(() => beat(), 200); return; }
  showOnRow(mark, name);
}

export function watch() {
  document.addEventListener("desk:opened", (event) => beat({ left: event.detail.before }));
  document.addEventListener("desk:closed", (event) => beat({ left: event.detail.uuid }));
  document.addEventListener("visibilitychange", () => { if (!document.hidden) beat(); });
  window.addEventListener("pagehide", () => { if (openId()) beat({ left: openId(), keepalive: true }); });
  document.addEventListener("live:links", (event) => follow(event.detail));
  setInterval(() => { if (!document.hidden) beat(); }, EVERY);
  beat();
}
