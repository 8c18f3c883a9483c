// On a phone the open link is swiped: left for the next one, right for the one before.
//
// A swipe only ever moves; a verdict needs its button. What scrolls sideways or is dragged by itself
// (pictures, tables, fields, the verdict bar) keeps its own gestures.

const NARROW = matchMedia("(max-width: 44.99rem)");
const STILL = matchMedia("(prefers-reduced-motion: reduce)");
const OWN = "[data-stage], .pane-verdict, input, textarea, select, dialog";
const SURE = 12; // pixels after which a gesture is a swipe or is not
const FAR = 72; // pixels a swipe needs to count
const QUIET = 400; // milliseconds in which no tap follows from a swipe

const scrolls = (element) => element.scrollWidth > element.clientWidth + 1
  && ["auto", "scroll"].includes(getComputedStyle(element).overflowX);

function isFree(target, holder) {
  if (target.closest(OWN)) return false;
  for (let element = target; element && element !== holder && !element.matches(".pane-body"); element = element.parentElement) {
    if (scrolls(element)) return false;
  }
  return true;
}

/** Call `next` or `previous` when the person swipes over `holder`. */
export function watch(holder, { next, previous }) {
  let touch = null;
  let swiped = -QUIET;

  const shift = (by) => {
    const pane = holder.firstElementChild;
    if (!pane || STILL.matches) return;
    pane.style.transform = by ? `translateX(${by}px)` : "";
  };

  holder.addEventListener("pointerdown", (event) => {
    touch = null;
    if (event.pointerType !== "touch" || !event.isPrimary || !NARROW.matches) return;
    if (isFree(event.target, holder)) touch = { id: event.pointerId, x: event.clientX, y: event.clientY, sure: false };
  });

  holder.addEventListener("pointermove", (event) => {
    if (event.pointerId !== touch?.id) return;
    const [right, down] = [event.clientX - touch.x, event.clientY - touch.y];
    if (!touch.sure && Math.hypot(right, down) > SURE) {
      if (Math.abs(right) < 2 * Math.abs(down)) { touch = null; return; }
      touch.sure = true;
    }
    if (touch.sure) shift(right / 2);
  });

  holder.addEventListener("pointerup", (event) => {
    if (event.pointerId !== touch?.id) return;
    const { x, sure } = touch;
    const right = event.clientX - x;
    touch = null;
    if (!sure) return;
    shift(0);
    swiped = performance.now();
    if (right <= -FAR) next();
    else if (right >= FAR) previous();
  });

  // The browser took the gesture for scrolling, or a second finger came: nothing was meant.
  holder.addEventListener("pointercancel", () => { touch = null; shift(0); });

  holder.addEventListener("click", (event) => {
    if (performance.now() - swiped > QUIET) return;
    event.preventDefault();
    event.stopPropagation();
  }, true);
}
