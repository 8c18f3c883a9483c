// The list of links: where one is, what comes next, what is selected, more rows.

import { toast, word } from "./words.js";

export const desk = document.getElementById("desk");
const DECIDABLE = new Set(["pending", "lapsed", "appraisal"]);
// So many rows before the list's end the next ones are asked for.
const NEAR = 6;
let lastPicked = null;

const holder = () => document.getElementById("links");
export const rows = () => [...(holder()?.querySelectorAll("[data-link]") ?? [])];
export const rowOf = (uuid) => document.getElementById(`link-${uuid}`);
export const currentRow = () => holder()?.querySelector("[data-link]:has([aria-current])") ?? null;
export const idOf = (row) => row?.dataset.link ?? null;

/** Scroll the list or the pane to a part of it. The page behind stays, or it would hide the heads of both under the bar. */
export function reveal(part, block) {
  const [left, top] = [scrollX, scrollY];
  part?.scrollIntoView({ block, behavior: "instant" });
  scrollTo({ left, top, behavior: "instant" });
}

export function markCurrent(uuid) {
  holder()?.querySelectorAll("[aria-current]").forEach((link) => link.removeAttribute("aria-current"));
  const row = rowOf(uuid);
  row?.querySelector(".link-title").setAttribute("aria-current", "true");
  reveal(row, "nearest");
}

export function neighbour(step) {
  const all = rows();
  const here = all.indexOf(currentRow());
  if (here < 0) return step > 0 ? all[0] : all.at(-1);
  return all[here + step] ?? null;
}

/** The next row after `uuid` that still waits for a verdict; then the first above it. */
export function nextToJudge(uuid) {
  const all = rows();
  const here = all.findIndex((row) => row.dataset.link === uuid);
  const waits = (row) => DECIDABLE.has(row.dataset.state) && row.dataset.link !== uuid;
  return all.slice(here + 1).find(waits) ?? null;
}

export function replaceRow(uuid, html) {
  const old = rowOf(uuid);
  if (!old) return;
  const wasCurrent = Boolean(old.querySelector("[aria-current]"));
  const page = new DOMParser().parseFromString(html, "text/html");
  const made = page.querySelector(".link-row");
  if (!made) return;
  old.replaceWith(made);
  if (wasCurrent) made.querySelector(".link-title").setAttribute("aria-current", "true");
}

const loading = new Map();

/** Load the rows before or after those shown; resolves when they are there. Who asks meanwhile waits for the same. */
export function loadMore(side) {
  if (!loading.has(side)) loading.set(side, fetchMore(side).finally(() => loading.delete(side)));
  return loading.get(side);
}

/** Whether the list ends a few rows after the one that is open. */
export function isNearEnd() {
  const all = rows();
  return all.length - all.indexOf(currentRow()) <= NEAR;
}

async function fetchMore(side) {
  const button = holder()?.querySelector(`[data-more="${side}"]`);
  if (!button) return false;
  button.ariaBusy = "true";
  const edge = side === "after" ? rows().at(-1) : rows()[0];
  const query = new URLSearchParams(desk.dataset.query);
  query.set(side, edge.dataset.link);
  try {
    const response = await fetch(`${desk.dataset.rows}?${query}`, { headers: { "HX-Request": "true" } });
    if (!response.ok) throw new Error(response.statusText);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const scroll = document.getElementById("desk-scroll");
    const height = scroll.scrollHeight;
    button.replaceWith(...page.body.children);
    // Rows that come above must not move the one under the cursor.
    if (side === "before") scroll.scrollTop += scroll.scrollHeight - height;
    return true;
  } catch {
    button.ariaBusy = "false";
    toast("problem-toast", word("failed"), () => loadMore(side));
    return false;
  }
}

// ------------------------------------------------------------ selection

const boxOf = (row) => row?.querySelector(".row-check input");
export const selected = () => rows().filter((row) => boxOf(row)?.checked).map(idOf);

export function showSelection() {
  const bar = document.getElementById("selection");
  if (!bar) return;
  const count = selected().length;
  bar.hidden = count === 0;
  bar.querySelector("[data-selected]").textContent = String(count);
}

/** Select or deselect a row; with `range` everything between it and the last one picked. */
export function pick(row, { range = false } = {}) {
  const box = boxOf(row);
  if (!box) return;
  const all = rows();
  if (range && lastPicked && all.includes(lastPicked)) {
    const [from, to] = [all.indexOf(lastPicked), all.indexOf(row)].sort((a, b) => a - b);
    all.slice(from, to + 1).forEach((each) => { boxOf(each).checked = true; });
  } else {
    box.checked = !box.checked;
  }
  lastPicked = row;
  showSelection();
}

export function clearSelection() {
  rows().forEach((row) => { if (boxOf(row)) boxOf(row).checked = false; });
  lastPicked = null;
  showSelection();
}

export function select(ids) {
  ids.forEach((id) => { const box = boxOf(rowOf(id)); if (box) box.checked = true; });
  showSelection();
}
