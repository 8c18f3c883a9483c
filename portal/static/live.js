// Live events of the page: one connection for all tabs, nothing missed, polling where it must be.
//
// Told as DOM events on the document:
//   live:<topic>  detail {seq, id, what, by}   something happened ("live:links", "live:verdicts", ...)
//   live:reset    too much was missed to tell: whatever lists rows should load them anew
//   live:state    detail {state}: "connecting", "live", "offline", "polling", "ended"
// docs/reference/live.md describes them and the pill.
"use strict";

(() => {
  const settings = document.getElementById("live-settings")?.dataset;
  if (!settings) return;

  const PAUSES = [1, 2, 4, 8, 15, 30];  // seconds between attempts to come back
  const SILENCE = 40;                   // seconds without a ping after which a connection counts as dead
  const POLL_EVERY = 10;
  const STREAM_AGAIN = 60;              // seconds of polling after which a stream is tried again
  const REMEMBERED = 2000;

  const name = `portal-live:${settings.scope}`;
  const channel = "BroadcastChannel" in window ? new BroadcastChannel(name) : null;
  const heard = new Set();
  let last = settings.after ? Number(settings.after) : null;
  let state = "connecting";
  let source = null;
  let failures = 0;
  let watchdog = null;
  let timer = null;
  let leads = false;

  // ------------------------------------------------------------ telling the page

  function tell(type, detail) {
    document.dispatchEvent(new CustomEvent(type, { detail }));
  }

  function setState(next) {
    if (next === state) return;
    state = next;
    document.documentElement.dataset.live = state;
    tell("live:state", { state });
    if (leads) channel?.postMessage({ kind: "state", state });
  }

  /** Tell one event once, whichever way and however often it came. */
  function take(event) {
    if (event.seq) {
      const key = `${event.seq}:${event.topic}:${event.id}`;
      if (heard.has(key) || (settings.after && event.seq <= Number(settings.after))) return;
      heard.add(key);
      if (heard.size > REMEMBERED) heard.delete(heard.values().next().value);
      last = Math.max(last ?? 0, event.seq);
    }
    tell(`live:${event.topic}`, event);
    if (leads) channel?.postMessage({ kind: "event", event });
  }

  function reset() {
    tell("live:reset", {});
    if (leads) channel?.postMessage({ kind: "reset" });
  }

  function moveOn(number) {
    const seq = Number(number);
    if (seq > (last ?? 0)) last = seq;
  }

  // ------------------------------------------------------------ streaming

  function address(path) {
    const url = new URL(path, location.href);
    url.searchParams.set("for", settings.organisation);
    if (last !== null) url.searchParams.set("after", String(last));
    return url;
  }

  function feed() {
    clearTimeout(watchdog);
    watchdog = setTimeout(lost, SILENCE * 1000);
  }

  function alive(event) {
    feed();
    failures = 0;
    if (event.lastEventId) moveOn(event.lastEventId);
    setState("live");
  }

  function open() {
    clearTimeout(timer);
    close();
    if (!navigator.onLine) { setState("offline"); return; }
    source = new EventSource(address(settings.stream));
    source.addEventListener("caught-up", alive);
    source.addEventListener("ping", alive);
    source.addEventListener("reset", (event) => { alive(event); reset(); });
    source.addEventListener("full", () => { close(); poll(); });
    source.addEventListener("error", failed);
    settings.topics.split(" ").forEach((topic) => source.addEventListener(topic, (event) => {
      alive(event);
      // An announcement has no number of its own: the browser repeats the last one it saw.
      const detail = JSON.parse(event.data);
      take({ ...detail, topic, seq: detail.kept === false ? 0 : Number(event.lastEventId) });
    }));
    feed();
  }

  function close() {
    clearTimeout(watchdog);
    source?.close();
    source = null;
  }

  /** The browser's own attempts know neither pauses nor an end, so ours replace them. */
  function failed() {
    const refused = source?.readyState === EventSource.CLOSED;
    close();
    failures += 1;
    if (refused || failures > 3) poll();
    else lost();
  }

  function lost() {
    close();
    setState("offline");
    clearTimeout(timer);
    timer = setTimeout(open, pause());
  }

  /** Milliseconds to wait; a little differently everywhere, so that not all come back at once. */
  function pause() {
    const seconds = PAUSES[Math.min(Math.max(failures - 1, 0), PAUSES.length - 1)];
    return seconds * 1000 * (0.75 + Math.random() / 2);
  }

  // ------------------------------------------------------------ polling

  async function ask() {
    const answer = await fetch(address(settings.since), { headers: { Accept: "application/json" } });
    if (answer.status === 403 || answer.status === 410) return "ended";
    if (!answer.ok) throw new Error(String(answer.status));
    const found = await answer.json();
    if (found.reset) reset();
    found.events.forEach(take);
    moveOn(found.head);
    return "polling";
  }

  async function poll(since = Date.now()) {
    clearTimeout(timer);
    let wait = POLL_EVERY * 1000;
    try {
      const now = await ask();
      failures = 0;
      setState(now);
      if (now === "ended") return;
    } catch {
      failures += 1;
      setState("offline");
      wait = pause();
    }
    // A server that came back streams again at once; one that refuses streams is asked seldom.
    const again = state === "offline" || Date.now() - since > STREAM_AGAIN * 1000;
    timer = setTimeout(() => (again ? open() : poll(since)), wait);
  }

  // ------------------------------------------------------------ one tab leads

  function lead() {
    leads = true;
    open();
    return new Promise(() => {});  // until the tab is closed; the next one takes over
  }

  function follow(message) {
    if (leads) {
      if (message.kind === "hello") channel.postMessage({ kind: "state", state });
      return;
    }
    if (message.kind === "event") take(message.event);
    if (message.kind === "reset") reset();
    if (message.kind === "state") setState(message.state);
  }

  function begin() {
    if (!navigator.locks || !channel) { leads = true; open(); return; }
    channel.addEventListener("message", (event) => follow(event.data));
    navigator.locks.request(name, lead);
    channel.postMessage({ kind: "hello" });
    // What happened while this page was on its way, and nobody told it yet.
    if (last !== null) setTimeout(() => { if (!leads) ask().catch(() => {}); }, 300);
  }

  addEventListener("offline", () => { if (leads) { close(); clearTimeout(timer); setState("offline"); } });
  addEventListener("online", () => { if (leads) { failures = 0; open(); } });
  document.addEventListener("visibilitychange", () => {
    // A laptop that slept wakes with a dead connection and a timer that is hours late.
    if (leads && !document.hidden && state === "offline") { failures = 0; open(); }
  });
  addEventListener("pagehide", close);
  addEventListener("pageshow", (event) => { if (event.persisted && leads) open(); });

  begin();
})();
