// The palette: pages, actions and patients by words. The server says what there is for whom.
(() => {
  const dialog = document.getElementById("palette");
  if (!dialog) return;
  const words = document.getElementById("palette-words");
  const found = document.getElementById("palette-found");
  const options = () => [...found.querySelectorAll("[role=option]")];
  let wait = 0;
  let asked = 0;
  let stale = true; // what is listed was found by other words than the field says
  let opens = false; // Enter was pressed before the answer to these words

  function choose(number) {
    const list = options();
    list.forEach((one, at) => one.setAttribute("aria-selected", String(at === number)));
    if (list[number]) {
      words.setAttribute("aria-activedescendant", list[number].id);
      list[number].scrollIntoView({ block: "nearest" });
    } else words.removeAttribute("aria-activedescendant");
  }
  const chosen = () => options().findIndex((one) => one.getAttribute("aria-selected") === "true");

  async function ask() {
    const number = ++asked;
    const answer = await fetch(dialog.dataset.url, {
      method: "POST",
      headers: { "HX-Request": "true", "X-CSRF-Token": document.querySelector('input[name="csrf"]').value },
      body: new URLSearchParams({ q: words.value }),
    });
    const list = await answer.text();
    if (number !== asked) return; // the field says something newer
    if (answer.status === 401) return location.assign("/sign-in");
    if (!answer.ok) return;
    found.innerHTML = list; // our own template, which escapes everything
    stale = false;
    choose(0);
    if (opens && dialog.open) options()[0]?.click();
    opens = false;
  }
  function outdate() {
    asked++; // an answer that is on its way is to older words
    stale = true;
    opens = false;
    choose(-1);
  }
  function open() {
    if (dialog.open) return;
    outdate();
    for (const other of document.querySelectorAll("dialog[open]")) other.close();
    words.value = "";
    dialog.showModal();
    words.focus();
    ask();
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-palette-opens]")) open();
  });
  document.addEventListener("keydown", (event) => {
    const free = !event.target.matches?.("input, textarea, select") && !document.querySelector("dialog[open]");
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      open();
    } else if (event.key === "/" && free && !event.ctrlKey && !document.querySelector("[data-search]")) {
      event.preventDefault();
      open();
    }
  });
  words.addEventListener("input", () => {
    outdate();
    clearTimeout(wait);
    wait = setTimeout(ask, 150);
  });
  words.addEventListener("keydown", (event) => {
    if (event.isComposing) return; // Enter takes the characters that are offered
    const [now, count] = [chosen(), options().length];
    if (stale) {
      if (event.key !== "Enter") return;
      clearTimeout(wait);
      opens = true;
      ask();
    } else if (event.key === "ArrowDown" && count) choose((now + 1) % count);
    else if (event.key === "ArrowUp" && count) choose((now - 1 + count) % count);
    else if (event.key === "Enter" && options()[now]) options()[now].click();
    else return;
    event.preventDefault();
  });
})();
