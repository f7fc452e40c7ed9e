// Arrow keys go from the search field to the patients it found, and back.
addEventListener("keydown", (event) => {
  const field = document.querySelector("[data-search]");
  const links = [...document.querySelectorAll("[data-found] li a")];
  const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const at = links.indexOf(document.activeElement);
  if (!way || (document.activeElement !== field && at < 0) || !links.length) return;
  event.preventDefault();
  (links[at + way] ?? (way < 0 ? field : links.at(-1))).focus();
});
