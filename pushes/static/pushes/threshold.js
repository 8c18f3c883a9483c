/* The slider of a threshold: shows at once what the table below has. Without it the form asks the server. */
"use strict";

(() => {
  const form = document.querySelector("[data-threshold-form]");
  const slider = form && form.querySelector("[data-threshold-slider]");
  if (!slider) return;

  const value = form.querySelector("[data-threshold-value]");
  const marker = document.querySelector("[data-threshold-marker]");
  const wish = document.querySelector("[data-threshold-wish]");
  const brand = form.querySelector("[data-threshold-brand]");
  form.querySelector("[data-threshold-show]").hidden = true;

  const show = () => {
    const row = document.querySelector(`[data-threshold-at="${slider.value}"]`);
    if (!row) return;
    value.textContent = row.querySelector("th").textContent;
    for (const cell of row.querySelectorAll("[data-cell]")) {
      const figure = document.querySelector(`[data-figure="${cell.dataset.cell}"]`);
      figure.replaceChildren(...[...cell.childNodes].map((node) => node.cloneNode(true)));
    }
    if (marker) {
      const x = (marker.dataset.width * slider.value) / 100;
      marker.setAttribute("x1", x);
      marker.setAttribute("x2", x);
    }
    if (wish) wish.value = slider.value;
  };

  slider.addEventListener("input", show);
  // The address keeps what is shown, so that it can be passed on and survives a reload.
  slider.addEventListener("change", () => {
    const address = new URL(window.location.href);
    for (const [name, entry] of new FormData(form)) address.searchParams.set(name, entry);
    window.history.replaceState(null, "", address);
  });
  if (brand) brand.addEventListener("change", () => form.requestSubmit());
  show();
})();
