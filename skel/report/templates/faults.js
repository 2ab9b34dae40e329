"use strict";
(() => {
  const copy = document.getElementById("copy");

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

  copy.hidden = false;
})();
