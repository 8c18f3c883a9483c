// What the shell does with live events: the state in the header, the pill of new rows, the bell,
// and what screen readers are told. A page without any of them pays nothing.
"use strict";

(() => {
  const ANNOUNCE_EVERY = 10;  // seconds
  const language = document.documentElement.lang;
  const plural = new Intl.PluralRules(language);
  const number = new Intl.NumberFormat(language);

  function words(element, count) {
    const form = element.dataset[plural.select(count) === "one" ? "one" : "other"] || element.dataset.other;
    return form.replace("{count}", number.format(count));
  }

  // ------------------------------------------------------------ state

  const status = document.querySelector("[data-live-status]");
  let wasAway = false;

  function showState(state) {
    if (!status) return;
    const away = state === "offline" || state === "ended";
    if (!away && !wasAway) return;  // a page that was never away has nothing to tell
    status.dataset.state = state;
    status.hidden = !away;
    status.querySelectorAll("[data-when]").forEach((part) => { part.hidden = part.dataset.when !== state; });
    if (wasAway !== away) say(status.dataset[away ? (state === "ended" ? "ended" : "away") : "back"]);
    wasAway = away;
  }

  // ------------------------------------------------------------ announcements

  const voice = document.getElementById("live-voice");
  let waiting = null;
  let spoke = 0;

  /** Say the newest sentence, politely and not more often than people can listen to. */
  function say(sentence) {
    if (!voice || !sentence) return;
    clearTimeout(waiting);
    const wait = Math.max(spoke + ANNOUNCE_EVERY * 1000 - Date.now(), 0);
    waiting = setTimeout(() => { spoke = Date.now(); voice.textContent = sentence; }, wait);
  }
  document.addEventListener("live:say", (event) => say(event.detail));

  // ------------------------------------------------------------ pills

  const pills = [...document.querySelectorAll("[data-live-pill]")].map((element) => ({
    element, ids: new Set(), many: false, what: new Set(element.dataset.liveWhat.split(" ")),
  }));

  function showPill(pill) {
    const count = pill.ids.size;
    pill.element.hidden = !(count || pill.many);
    if (pill.element.hidden) return;
    const text = pill.many ? pill.element.dataset.many : words(pill.element, count);
    pill.element.querySelector("[data-live-text]").textContent = text;
    say(text);
  }

  function count(pill, detail) {
    const row = document.querySelector(`[data-live-id="${CSS.escape(detail.id)}"]`);
    if (pill.what.has(detail.what) && !row) pill.ids.add(detail.id);
    // What was judged, or went, before anybody looked is not new any more.
    else if (!pill.what.has(detail.what) && detail.what !== "changed") pill.ids.delete(detail.id);
    showPill(pill);
  }

  pills.forEach((pill) => {
    document.addEventListener(`live:${pill.element.dataset.livePill}`, (event) => count(pill, event.detail));
    document.addEventListener("live:reset", () => { pill.many = true; showPill(pill); });
    pill.element.addEventListener("click", (event) => {
      const asked = new CustomEvent("live:show", { cancelable: true, detail: { ids: [...pill.ids], many: pill.many } });
      // A page that can add rows in place says so by preventing the default; others load anew.
      if (!document.dispatchEvent(asked)) event.preventDefault();
      pill.ids.clear();
      pill.many = false;
      if (event.defaultPrevented) showPill(pill);
    });
  });

  // ------------------------------------------------------------ bell

  const bell = document.querySelector("[data-live-bell]");
  const noticed = new Set();

  document.addEventListener("live:notices", (event) => {
    if (!bell || noticed.has(event.detail.id)) return;
    noticed.add(event.detail.id);
    const count = Number(bell.dataset.count) + noticed.size;
    const shown = bell.querySelector("[data-live-bell-count]");
    shown.hidden = false;
    shown.textContent = count > 99 ? "99+" : number.format(count);
    bell.querySelector("[data-live-bell-none]")?.remove();
  });

  document.addEventListener("live:state", (event) => showState(event.detail.state));
})();
