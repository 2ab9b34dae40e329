"use strict";
// What every page does.
(() => {
  const theme = document.getElementById("theme");
  const root = document.documentElement;
  const state = () => new URLSearchParams(location.hash.slice(1));

  // The address keeps the theme, so that a link leads to what one sees.
  const recall = () => {
    const wanted = state().get("theme");
    if (wanted === "dark" || wanted === "light") root.dataset.theme = wanted;
  };

  addEventListener("hashchange", recall);
  theme.addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    const next = state();
    next.set("theme", root.dataset.theme);
    history.replaceState(null, "", `#${next}`);
  });

  // On paper nothing can be unfolded.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    for (const part of folded) part.open = true;
  });
  addEventListener("afterprint", () => { for (const part of folded) part.open = false; });

  theme.hidden = false;
  recall();
})();
