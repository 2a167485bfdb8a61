// Shows only those entries that have all the words typed. The form is hidden where scripts do not run.
"use strict";
(function () {
  const form = document.querySelector("form.search");
  const box = document.getElementById("search");
  const told = document.getElementById("found");
  const entries = Array.from(document.querySelectorAll("li[data-words]"));
  form.hidden = false;
  form.addEventListener("submit", function (event) {
    event.preventDefault();
    const first = entries.find(function (entry) { return !entry.hidden; });
    const link = first && first.querySelector("a");
    if (link && box.value.trim()) window.location.href = link.href;
  });
  box.addEventListener("input", function () {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const entry of entries) {
      entry.hidden = !words.every(function (word) { return entry.dataset.words.includes(word); });
      if (!entry.hidden) shown += 1;
    }
    for (const list of document.querySelectorAll("ul.entries")) {
      const empty = !list.querySelector("li:not([hidden])");
      list.hidden = empty;
      list.previousElementSibling.hidden = empty;
    }
    for (const section of document.querySelectorAll("section.module")) {
      section.hidden = words.length > 0 && !section.querySelector("li:not([hidden])");
    }
    told.textContent = words.length ? shown + " found" : "";
  });
})();
