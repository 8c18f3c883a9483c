// Single-key shortcuts. People turn them off in the footer (data-shortcuts="off" on the body).
"use strict";

(() => {
  if (document.body.dataset.shortcuts === "off") return;

  const typing = (element) => element.closest("input:not([type='checkbox'], [type='radio']), select, textarea, [contenteditable]");
  const usable = (element) => !element.disabled && element.getClientRects().length > 0;
  const focusedItem = () => document.activeElement.closest("[data-keys-item]");

  /** The control a key presses: in the focused item first, then the first outside of any item. */
  function controlOf(key) {
    const selector = `[data-key="${CSS.escape(key)}"]`;
    const inItem = focusedItem()?.querySelector(selector);
    if (inItem && usable(inItem)) return inItem;
    return [...document.querySelectorAll(selector)].find((c) => usable(c) && !c.closest("[data-keys-item]"));
  }

  function moveFocus(step) {
    const items = [...document.querySelectorAll("[data-keys-list] [data-keys-item]")];
    if (!items.length) return;
    const here = items.indexOf(focusedItem());
    const next = here < 0 ? (step > 0 ? 0 : items.length - 1) : Math.min(Math.max(here + step, 0), items.length - 1);
    items[next].focus();
    items[next].scrollIntoView({ block: "nearest" });
  }

  function listKeys() {
    const dialog = document.getElementById("shortcuts-dialog");
    const list = dialog.querySelector("[data-shortcuts-list]");
    const found = new Map();
    document.querySelectorAll("[data-key]").forEach((control) => {
      const words = control.cloneNode(true);
      words.querySelectorAll("kbd, svg").forEach((part) => part.remove());
      const label = (control.getAttribute("aria-label") || words.textContent).trim();
      if (!found.has(control.dataset.key)) found.set(control.dataset.key, label);
    });
    list.querySelectorAll("[data-of-page]").forEach((part) => part.remove());
    found.forEach((label, key) => {
      const [term, text] = [document.createElement("dt"), document.createElement("dd")];
      const cap = document.createElement("kbd");
      cap.textContent = key.toUpperCase();
      term.append(cap);
      text.textContent = label;
      term.dataset.ofPage = text.dataset.ofPage = "yes";
      list.append(term, text);
    });
    dialog.showModal();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    const control = controlOf(event.key.toLowerCase());
    if (control) {
      event.preventDefault();
      control.click();
      return;
    }
    if (event.key === "j") moveFocus(1);
    if (event.key === "k") moveFocus(-1);
    if (event.key === "?") listKeys();
    if (event.key === "Enter" && event.target.matches("[data-keys-item]")) event.target.querySelector("a[href]")?.click();
  });
})();
