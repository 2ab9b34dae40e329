"use strict";
(() => {
  const form = document.getElementById("filter");
  const rows = [...document.querySelectorAll(".row")];
  const boxes = [...form.elements].filter((field) => field.name === "severity");
  const hop = form.elements.namedItem("hop");
  const text = form.elements.namedItem("text");
  const root = document.documentElement;

  const filter = () => {
    const levels = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (row) =>
      levels.has(row.dataset.severity) &&
      (!hop || !hop.value || row.closest(".hop").dataset.hop === hop.value) &&
      words.every((word) => row.dataset.text.includes(word));
    let shown = 0;
    for (const row of rows) {
      row.hidden = !fits(row);
      shown += row.hidden ? 0 : 1;
    }
    for (const part of document.querySelectorAll(".rule, .hop")) {
      const left = part.querySelectorAll(".row:not([hidden])").length;
      part.hidden = left === 0;
      const count = part.matches(".rule") && part.querySelector(":scope > summary .count");
      if (count) count.textContent = left;
    }
    document.getElementById("shown").textContent = `${shown} of ${rows.length}`;
    document.getElementById("nothing").hidden = shown > 0;
  };

  // The address keeps the filter, so that a link leads to what one sees.
  const remember = () => {
    const state = new URLSearchParams();
    const levels = boxes.filter((box) => box.checked).map((box) => box.value);
    if (levels.length < boxes.length) state.set("severity", levels.join(","));
    if (hop && hop.value) state.set("hop", hop.value);
    if (text.value) state.set("text", text.value);
    if (root.dataset.theme) state.set("theme", root.dataset.theme);
    history.replaceState(null, "", `#${state}`);
  };

  const recall = () => {
    const state = new URLSearchParams(location.hash.slice(1));
    const levels = state.has("severity") ? state.get("severity").split(",") : null;
    for (const box of boxes) box.checked = !levels || levels.includes(box.value);
    if (hop) hop.value = state.get("hop") ?? "";
    text.value = state.get("text") ?? "";
    filter();
  };

  form.addEventListener("input", () => { filter(); remember(); });
  form.addEventListener("reset", () => setTimeout(() => { filter(); remember(); }));
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", recall);

  form.hidden = false;
  recall();
})();
