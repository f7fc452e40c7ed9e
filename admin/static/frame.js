// The frame of every page: the menu's folds, its drawer on a telephone, going by `g` and a letter,
// dialogs and what has just been done. Everything here has a plain way without it.
(() => {
  const root = document.documentElement;
  const all = (selector) => [...document.querySelectorAll(selector)];

  // Which groups are open outlives the menu's renewal and the next page.
  const kept = () => JSON.parse(sessionStorage.getItem("menu") ?? "{}");
  function fold() {
    for (const group of all("details.menu-group")) {
      if (kept()[group.id] !== undefined && !group.querySelector("[aria-current]")) group.open = kept()[group.id];
    }
    for (const button of all("[data-menu-opens]")) button.setAttribute("aria-expanded", String(root.dataset.menu === "open"));
  }
  document.addEventListener("click", (event) => {
    const group = event.target.closest("details.menu-group > summary")?.parentElement;
    if (group) sessionStorage.setItem("menu", JSON.stringify({ ...kept(), [group.id]: !group.open }));
  });

  // The drawer of a telephone; what lies under it cannot be reached meanwhile.
  function drawer(open) {
    if (open === (root.dataset.menu === "open")) return;
    if (open) root.dataset.menu = "open"; else delete root.dataset.menu;
    for (const under of all("header.top, main, .thumb")) under.inert = open;
    fold();
    (open ? document.querySelector("#side a, #side summary") : document.querySelector("[data-menu-opens]"))?.focus();
  }
  matchMedia("(max-width: 56rem)").addEventListener("change", () => drawer(false));

  document.addEventListener("click", (event) => {
    const on = (selector) => event.target.closest(selector);
    if (on("[data-menu-opens]")) drawer(true);
    else if (root.dataset.menu === "open" && !on("#side")) drawer(false);
    if (on("[data-closes]")) on("dialog").close();
    if (event.target.matches?.("dialog")) event.target.close(); // beside its content
    if (on("[data-toast-closes]")) on("[data-toast]").remove();
    if (on("[data-help-opens]")) help();
    if (on("[data-copies]")) {
      navigator.clipboard?.writeText(on("[data-copies]").dataset.copies);
      const told = on("[data-copies]").querySelector("[data-copied]");
      if (told) told.textContent = told.dataset.copied;
    }
  });

  async function help() {
    const dialog = document.getElementById("help");
    if (!dialog || dialog.open) return;
    dialog.showModal();
    const page = document.getElementById("help-page");
    if (page.dataset.loaded) return;
    const answer = await fetch(page.dataset.url, { headers: { "HX-Request": "true" } });
    if (answer.ok) {
      page.innerHTML = await answer.text(); // our own template, which escapes everything
      page.dataset.loaded = "yes";
    }
  }

  let going = 0; // when `g` was pressed
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") drawer(false);
    const writing = event.target.matches?.("input, textarea, select, [contenteditable]");
    if (writing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.key === "?") {
      event.preventDefault();
      help();
    } else if (event.key === "g") {
      going = performance.now();
      event.stopImmediatePropagation();
    } else if (going && performance.now() - going < 1500) {
      going = 0;
      const link = document.querySelector(`a[data-go="${CSS.escape(event.key)}"]`);
      if (link) {
        event.preventDefault();
        event.stopImmediatePropagation();
        location.assign(link.href);
      }
    }
  }, true);

  document.addEventListener("htmx:after:swap", () => {
    fold();
    for (const under of all(".thumb")) under.inert = root.dataset.menu === "open";
  });
  fold();
})();
