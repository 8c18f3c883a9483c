// Zoom of a document's pages, and a word about files that are too large before they are sent.
"use strict";

(() => {
  const MOST = 4;

  function zoom(button) {
    const papers = document.getElementById(button.getAttribute("aria-controls"));
    const now = Number(papers.dataset.zoom || 1);
    const next = Math.min(MOST, Math.max(1, now + Number(button.dataset.zoomBy)));
    papers.dataset.zoom = String(next);
    document.querySelectorAll("[data-zoom-by]").forEach((other) => {
      const step = Number(other.dataset.zoomBy);
      other.setAttribute("aria-disabled", String((step > 0 && next === MOST) || (step < 0 && next === 1)));
    });
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-zoom-by]");
    if (button) zoom(button);
  });

  document.addEventListener("change", (event) => {
    const field = event.target;
    if (!field.matches?.("input[type=file][data-max-bytes]")) return;
    const tooLarge = [...field.files].some((file) => file.size > Number(field.dataset.maxBytes));
    field.setCustomValidity(tooLarge ? field.dataset.tooLarge : "");
    if (tooLarge) field.reportValidity();
  });
})();
