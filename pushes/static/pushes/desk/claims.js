// Leases: opening a link takes it, the open page renews it, leaving gives it back.

import { desk, rows } from "./list.js";
import { openId, pane } from "./pane.js";
import { send, word } from "./words.js";

const EVERY = 15_000;
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
    if (response.ok && !keepalive) tell(uuid, await response.json());
  } catch { /* The next beat tries again; a lease that runs out is free to take. */ }
}

function tell(uuid, answer) {
  document.querySelectorAll("[data-claim-of]").forEach((mark) => {
    const name = answer.claims[mark.dataset.claimOf];
    mark.hidden = !name;
    if (name) mark.querySelector("[data-claim-name]").textContent = name;
  });
  if (!uuid || uuid !== openId()) return;
  const mark = document.getElementById("pane-claim");
  mark.hidden = !answer.by;
  if (answer.by) mark.querySelector("[data-claim-text]").textContent = `${answer.by} ${word("claimed")}`;
  pane().classList.toggle("is-taken", Boolean(answer.by));
}

export function watch() {
  document.addEventListener("desk:opened", (event) => beat({ left: event.detail.before }));
  document.addEventListener("desk:closed", (event) => beat({ left: event.detail.uuid }));
  document.addEventListener("visibilitychange", () => { if (!document.hidden) beat(); });
  window.addEventListener("pagehide", () => { if (openId()) beat({ left: openId(), keepalive: true }); });
  setInterval(() => { if (!document.hidden) beat(); }, EVERY);
  beat();
}
