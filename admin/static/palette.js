// The palette: pages, actions and patients by words. The server says what there is for whom.
(() => {
  const dialog = document.getElementById("palette");
  if (!dialog) return;
  const words = document.getElementById("palette-words");
  const found = document.getElementById("palette-found");
  const options = () => [...found.querySelectorAll("[role=option]")];
  let wait = 0;
  let asked = 0;

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
    if (number !== asked) return; // a newer question is on its way
    if (answer.status === 401) return location.assign("/sign-in");
    if (!answer.ok) return;
    found.innerHTML = await answer.text(); // our own template, which escapes everything
    choose(0);
  }
  function open() {
    if (dialog.open) return;
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
    clearTimeout(wait);
    wait = setTimeout(ask, 150);
  });
  words.addEventListener("keydown", (event) => {
    const [now, count] = [chosen(), options().length];
    if (event.key === "ArrowDown" && count) choose((now + 1) % count);
    else if (event.key === "ArrowUp" && count) choose((now - 1 + count) % count);
    else if (event.key === "Enter" && options()[now]) options()[now].click();
    else return;
    event.preventDefault();
  });
})();
