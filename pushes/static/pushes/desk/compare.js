// Two pictures compared: zoom, pan, mirror; side by side, one over the other, or blinking.

const STEP = 40;
const LARGEST = 8;
const BLINK = 600;

class Comparison {
  constructor(root) {
    this.root = root;
    this.stage = root.querySelector("[data-stage]");
    this.mix = root.querySelector("[data-compare-mix]");
    this.reset();
    this.flipped = false;
    this.mode = "side";
    root.addEventListener("click", (event) => this.click(event));
    this.mix?.addEventListener("input", () => this.draw());
    this.stage.addEventListener("keydown", (event) => this.key(event));
    this.stage.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    this.stage.addEventListener("pointerdown", (event) => this.drag(event));
    this.stage.addEventListener("dblclick", () => this.do("full"));
  }

  picture(side) { return this.root.querySelector(`[data-side="${side}"] img`); }

  reset() { this.scale = 1; this.x = 0; this.y = 0; }

  draw() {
    const place = `translate(${this.x}px, ${this.y}px) scale(${this.scale})`;
    const [own, other] = [this.picture("reference"), this.picture("listing")];
    if (own) own.style.transform = place;
    if (other) other.style.transform = this.flipped ? `${place} scaleX(-1)` : place;
    if (other) other.style.opacity = this.mode === "overlay" ? String(this.mix.value / 100) : "1";
  }

  zoom(factor) {
    const before = this.scale;
    this.scale = Math.min(Math.max(this.scale * factor, 1), LARGEST);
    this.x *= this.scale / before;
    this.y *= this.scale / before;
    if (this.scale === 1) this.reset();
    this.draw();
  }

  move(x, y) { this.x += x; this.y += y; this.draw(); }

  show(mode) {
    this.mode = mode;
    this.stage.dataset.mode = mode;
    this.root.querySelectorAll("[data-compare-mode]").forEach((button) => {
      button.setAttribute("aria-pressed", String(button.dataset.compareMode === mode));
    });
    if (this.mix) this.mix.hidden = mode !== "overlay";
    clearInterval(this.blinking);
    this.stage.classList.remove("is-off");
    // Below three flashes a second (WCAG 2.3.1), and only while the person asked for it.
    if (mode === "blink") {
      this.blinking = setInterval(() => {
        if (!this.stage.isConnected) clearInterval(this.blinking);
        this.stage.classList.toggle("is-off");
      }, BLINK);
    }
    this.draw();
  }

  do(what) {
    if (what === "in") this.zoom(1.5);
    if (what === "out") this.zoom(1 / 1.5);
    if (what === "reset") { this.reset(); this.flipped = false; this.draw(); }
    if (what === "flip") { this.flipped = !this.flipped; this.draw(); }
    if (what === "full") this.toggleFull();
    this.press("flip", this.flipped);
  }

  press(what, on) {
    this.root.querySelector(`[data-compare-do="${what}"]`)?.setAttribute("aria-pressed", String(on));
  }

  toggleFull() {
    const on = this.root.classList.toggle("is-full");
    this.press("full", on);
    if (on) this.stage.focus();
  }

  click(event) {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.compareMode) this.show(button.dataset.compareMode);
    if (button.dataset.compareDo) this.do(button.dataset.compareDo);
    if (button.dataset.compareShow) this.put(button);
  }

  put(button) {
    const side = button.dataset.compareShow;
    this.picture(side).src = button.querySelector("img").src;
    this.picture(side).alt = button.getAttribute("aria-label");
    this.root.querySelectorAll(`[data-compare-show="${side}"]`).forEach((each) => {
      each.setAttribute("aria-pressed", String(each === button));
    });
  }

  key(event) {
    const acts = {
      ArrowLeft: () => this.move(STEP, 0), ArrowRight: () => this.move(-STEP, 0),
      ArrowUp: () => this.move(0, STEP), ArrowDown: () => this.move(0, -STEP),
      "+": () => this.do("in"), "=": () => this.do("in"), "-": () => this.do("out"),
      h: () => this.do("flip"), 0: () => this.do("reset"),
      Escape: () => { if (this.root.classList.contains("is-full")) this.toggleFull(); },
    };
    if (event.ctrlKey || event.metaKey || event.altKey || !acts[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    acts[event.key]();
  }

  wheel(event) {
    // A page that scrolls is left alone; pictures zoom with Ctrl, or when they fill the window.
    if (!event.ctrlKey && !this.root.classList.contains("is-full")) return;
    event.preventDefault();
    this.zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2);
  }

  drag(event) {
    if (event.button || event.target.closest("button")) return;
    const start = [event.clientX - this.x, event.clientY - this.y];
    const move = (at) => { this.x = at.clientX - start[0]; this.y = at.clientY - start[1]; this.draw(); };
    this.stage.setPointerCapture(event.pointerId);
    this.stage.addEventListener("pointermove", move);
    this.stage.addEventListener("pointerup", () => this.stage.removeEventListener("pointermove", move), { once: true });
  }
}

const made = new WeakMap();

export function attach(within) {
  within.querySelectorAll("[data-compare]").forEach((root) => {
    if (!made.has(root)) made.set(root, new Comparison(root));
  });
}

/** Fill the window with the open link's pictures, or go back. */
export function toggle(within) {
  const root = within.querySelector("[data-compare]");
  if (root) made.get(root)?.do("full");
}
