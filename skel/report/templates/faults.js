"use strict";
(() => {
  const theme = document.getElementById("theme");
  const copy = document.getElementById("copy");
  const root = document.documentElement;

  // The address keeps the theme, so that a link leads to what one sees.
  const recall = () => {
    const wanted = new URLSearchParams(location.hash.slice(1)).get("theme");
    if (wanted === "dark" || wanted === "light") root.dataset.theme = wanted;
  };

  addEventListener("hashchange", recall);
  theme.addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    history.replaceState(null, "", `#theme=${root.dataset.theme}`);
  });

  // Pages from a disk may not write to the clipboard: then the text is marked, and one copies it by hand.
  copy.addEventListener("click", async () => {
    const source = document.getElementById("scenario");
    try {
      await navigator.clipboard.writeText(source.textContent);
      copy.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(source);
      copy.textContent = "Marked";
    }
  });

  theme.hidden = false;
  copy.hidden = false;
  recall();
})();
