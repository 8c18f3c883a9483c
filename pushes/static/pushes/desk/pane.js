// The pane of one link: opened from a cache that holds the next one before it is asked for.

import { attach as attachCompare } from "./compare.js";
import { desk, isNearEnd, loadMore, markCurrent, nextToJudge, rowOf } from "./list.js";
import { announce, toast, word } from "./words.js";

const FRESH = 60_000;
const SKELETON_AFTER = 150;
const MOST_KEPT = 12;
const kept = new Map();
const holder = document.getElementById("pane");
let asked = 0;

export const pane = () => holder.querySelector("[data-pane]");
export const openId = () => pane()?.dataset.pane ?? null;
export const paneState = () => pane()?.dataset.state ?? null;
export const forget = (uuid) => kept.delete(uuid);

const withQuery = (path) => (desk.dataset.query ? `${path}?${desk.dataset.query}` : path);
const addressOf = (uuid) => withQuery(`${desk.dataset.list}${uuid}`);

function load(uuid) {
  const known = kept.get(uuid);
  if (known && performance.now() - known.at < FRESH) return known.html;
  const html = fetch(withQuery(`${desk.dataset.list}${uuid}/pane`), { headers: { "HX-Request": "true" } })
    .then((response) => {
      if (!response.ok) throw new Error(response.statusText);
      return response.text();
    });
  kept.set(uuid, { html, at: performance.now(), ready: null });
  if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value);
  html.catch(() => kept.delete(uuid));
  return html;
}

/** Fetch a pane and its pictures before anybody asks. */
export async function prefetch(uuid) {
  if (!uuid) return;
  try {
    const html = await load(uuid);
    const entry = kept.get(uuid);
    if (!entry || entry.ready) return;
    const page = new DOMParser().parseFromString(html, "text/html");
    entry.ready = html;
    page.querySelectorAll(".compare-frame img").forEach((picture) => { new Image().src = picture.getAttribute("src"); });
    entry.fetched = true;
    holder.dataset.prefetched = uuid;
  } catch { /* It is asked for again when it is opened; then the failure is told. */ }
}

/** Open a link. `record`: "push" or "replace" the address, or "none". */
export async function open(uuid, { record = "replace", focus = false, fresh = false } = {}) {
  const turn = ++asked;
  if (fresh) forget(uuid);
  markCurrent(uuid);
  desk.classList.add("has-open");
  const ready = kept.get(uuid)?.ready;
  if (ready && performance.now() - kept.get(uuid).at < FRESH) {
    show(uuid, ready, { record, focus });
    return true;
  }
  const late = setTimeout(() => { if (turn === asked) showSkeleton(); }, SKELETON_AFTER);
  try {
    const html = await load(uuid);
    if (turn === asked) show(uuid, html, { record, focus });
    return true;
  } catch {
    if (turn === asked) toast("problem-toast", word("failed"), () => open(uuid, { record, focus }));
    return false;
  } finally {
    clearTimeout(late);
    holder.removeAttribute("aria-busy");
  }
}

function showSkeleton() {
  holder.replaceChildren(document.getElementById("pane-skeleton").content.cloneNode(true));
  holder.setAttribute("aria-busy", "true");
}

function show(uuid, html, { record, focus }) {
  const before = openId();
  const page = new DOMParser().parseFromString(html, "text/html");
  holder.replaceChildren(...page.body.children);
  settle();
  document.title = `${pane().dataset.title} · ${desk.dataset.title.split(" · ").at(-1)}`;
  if (record === "push" && !before) history.pushState({ desk: uuid }, "", addressOf(uuid));
  else if (record !== "none") history.replaceState({ desk: uuid }, "", addressOf(uuid));
  if (focus) document.getElementById("pane-title").focus();
  document.dispatchEvent(new CustomEvent("desk:opened", { detail: { uuid, before } }));
  prefetchNext(uuid);
}

/** Give what came into the pane its life. */
export function settle() {
  if (!pane()) return;
  window.htmx?.process(holder);
  attachCompare(holder);
}

/** Ask for what comes next before it is wanted: its pane, and near the list's end more rows. */
export function prefetchNext(uuid) {
  const next = nextToJudge(uuid);
  if (next) setTimeout(() => prefetch(next.dataset.link));
  if (isNearEnd()) loadMore("after");
}

export function close({ record = true } = {}) {
  const uuid = openId();
  asked += 1;
  desk.classList.remove("has-open");
  if (record) history.pushState({ desk: null }, "", withQuery(desk.dataset.list));
  document.title = desk.dataset.title;
  rowOf(uuid)?.querySelector(".link-title").focus();
  document.dispatchEvent(new CustomEvent("desk:closed", { detail: { uuid } }));
  return uuid;
}

export function tell(outcome, next) {
  announce(next ? `${outcome}. ${word("next")}: ${next}` : outcome);
}
