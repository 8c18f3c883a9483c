// Conveniences of the page shell. Every page works without them, except live refreshing.
"use strict";

(() => {
  const MINUTE = 60;
  const HOUR = 60 * MINUTE;
  const DAY = 24 * HOUR;
  const DISMISS_AFTER = 8;
  const toasts = () => document.getElementById("toasts");

  // A form says for whom its page was made: another tab may have changed that meanwhile.
  document.addEventListener("formdata", (event) => {
    const made = document.body.dataset.actingFor;
    if (made && event.target.method === "post") event.formData.set("acting_for", made);
  });

  // On a phone the navigation is a strip, and where one is may lie beyond its edge.
  const here = document.querySelector(".shell-navigation [aria-current]");
  const strip = here?.closest("ul");
  if (strip) strip.scrollLeft = here.offsetLeft - (strip.clientWidth - here.offsetWidth) / 2;

  // ------------------------------------------------------------ toasts

  function showToast(templateId) {
    const toast = document.getElementById(templateId).content.cloneNode(true).firstElementChild;
    toasts().append(toast);
  }

  /** Seconds after which a toast goes away by itself; 0: never (errors stay until read). */
  function lifetime(toast) {
    if (toast.dataset.dismissAfter) return Number(toast.dataset.dismissAfter);
    return toast.classList.contains("is-error") || toast.classList.contains("is-warning") ? 0 : DISMISS_AFTER;
  }

  function startDismissal(toast) {
    const seconds = lifetime(toast);
    if (!seconds || toast.dataset.timed) return;
    toast.dataset.timed = "yes";
    let timer;
    const start = () => { timer = setTimeout(() => toast.remove(), seconds * 1000); };
    const hold = () => clearTimeout(timer);
    toast.addEventListener("pointerenter", hold);
    toast.addEventListener("focusin", hold);
    toast.addEventListener("pointerleave", start);
    toast.addEventListener("focusout", start);
    start();
  }

  function watchToasts() {
    const startAll = () => toasts().querySelectorAll(".toast").forEach(startDismissal);
    new MutationObserver(startAll).observe(toasts(), { childList: true });
    startAll();
  }

  // ------------------------------------------------------------ dialogs, menus, copying

  // Browsers without invoker commands (before 2025) open dialogs here.
  function openDialog(button) {
    if ("commandForElement" in HTMLButtonElement.prototype) return;
    const dialog = document.getElementById(button.getAttribute("commandfor"));
    if (button.getAttribute("command") === "show-modal") dialog.showModal();
    if (button.getAttribute("command") === "close") dialog.close();
  }

  function closeMenus(except) {
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (!menu.contains(except)) menu.open = false;
    });
  }

  async function copy(button) {
    let text = button.dataset.copy;
    if (button.dataset.copyFrom) {
      const source = document.querySelector(button.dataset.copyFrom);
      text = (source.value ?? source.textContent).trim();
    }
    await navigator.clipboard.writeText(text);
    showToast("copied-toast");
  }

  /** Ask before a form is sent; sends it again with the same button once confirmed. */
  function confirmFirst(event) {
    const form = event.target;
    const question = event.submitter?.dataset.confirm || form.dataset.confirm;
    if (!question || form.dataset.confirmed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const dialog = document.getElementById("confirm-dialog");
    dialog.querySelector("[data-confirm-text]").textContent = question;
    dialog.returnValue = "";
    dialog.addEventListener("close", () => {
      if (dialog.returnValue !== "confirm") return;
      form.dataset.confirmed = "yes";
      form.requestSubmit(event.submitter);
      delete form.dataset.confirmed;
    }, { once: true });
    dialog.showModal();
  }

  // ------------------------------------------------------------ deadlines

  const language = document.documentElement.lang;
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "always" });

  function distance(seconds) {
    const size = Math.abs(seconds);
    if (size >= 2 * DAY) return [Math.trunc(seconds / DAY), "day"];
    if (size >= 2 * HOUR) return [Math.trunc(seconds / HOUR), "hour"];
    if (size >= 2 * MINUTE) return [Math.trunc(seconds / MINUTE), "minute"];
    return [Math.trunc(seconds), "second"];
  }

  function refreshDeadlines() {
    document.querySelectorAll("time[data-deadline]").forEach((time) => {
      const seconds = (Date.parse(time.dateTime) - Date.now()) / 1000;
      const text = time.querySelector("span");
      const words = relative.format(...distance(seconds));
      if (text.textContent !== words) text.textContent = words;
      time.classList.toggle("is-over", seconds < 0);
      time.classList.toggle("is-near", seconds >= 0 && seconds < DAY);
    });
  }

  // ------------------------------------------------------------ wiring

  document.addEventListener("submit", confirmFirst, true);
  document.addEventListener("click", (event) => {
    closeMenus(event.target);
    const button = event.target.closest("button");
    if (!button) return;
    if (button.hasAttribute("data-dismiss")) button.closest(".toast").remove();
    if (button.hasAttribute("commandfor")) openDialog(button);
    if (button.matches("[data-copy], [data-copy-from]")) copy(button);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details.menu[open]");
    closeMenus(null);
    menu?.querySelector("summary").focus();
  });
  document.addEventListener("change", (event) => {
    event.target.closest("form[data-submit-on-change]")?.requestSubmit();
  });
  document.addEventListener("htmx:responseError", () => showToast("failure-toast"));
  document.addEventListener("htmx:sendError", () => showToast("failure-toast"));
  document.addEventListener("allauth.error", (event) => {
    // The browser's own dialog has told the person; a cancelled passkey is no failure of ours.
    event.preventDefault();
    showToast("failed-passkey-toast");
  });

  watchToasts();
  refreshDeadlines();
  setInterval(refreshDeadlines, 1000);
  document.addEventListener("htmx:afterSwap", refreshDeadlines);
})();
