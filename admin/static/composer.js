// Keeps what is typed into a campaign's form as it is typed, so that a closed tab loses nothing.
(() => {
  const form = document.getElementById("composer");
  if (!form) return;
  const kept = document.getElementById("kept");
  const file = document.getElementById("picture-file");
  let changed = false, leaving = false, timer = 0;
  let pending = null, told = false; // what is on its way, and whether the last words followed it

  // Answers come in any order, and a closing page's last words may overtake what is still on its
  // way: each state of the form says when it was read, and by the clock of which browser.
  const { typing, turn } = form.elements;
  const random = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  typing.value = localStorage.getItem("browser") ?? random();
  localStorage.setItem("browser", typing.value);
  const next = () => { turn.value = Math.max(Date.now(), Number(turn.value) + 1); };

  const fields = () => {
    next();
    const said = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (typeof value === "string") said.append(name, value);
    return said;
  };

  // One at a time: the next one says what the one before could not know.
  async function keep() {
    clearTimeout(timer);
    while (pending) await pending;
    if (!changed || leaving) return;
    pending = send().finally(() => { pending = null; });
    await pending;
  }
  async function send() {
    changed = told = false;
    let ok = false;
    try {
      ok = (await fetch(form.dataset.keep, { method: "POST", body: fields() })).ok;
    } catch { /* told below, and tried again with the next change */ }
    if (!ok && !told) changed = true;
    kept.textContent = ok ? form.dataset.kept : form.dataset.unkept;
  }

  // Another time is another page: what was typed last is kept before it is asked for.
  form.querySelector("#when nav").addEventListener("click", async (event) => {
    const link = event.target.closest("a");
    if (!link || !(changed || pending) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    await keep();
    location.assign(link.href);
  });
  form.addEventListener("input", (event) => {
    if (event.target === file || event.target.name?.startsWith("look-")) return;
    changed = true;
    clearTimeout(timer);
    timer = setTimeout(keep, 1200);
  });
  // What somebody types before this script is there counts too.
  const original = (field) => [...field.options].some((one) => one.defaultSelected)
    ? [...field.options].every((one) => one.selected === one.defaultSelected) : field.selectedIndex <= 0;
  const differs = (field) => {
    if (!field.name || field.type === "hidden" || field === file || field.name.startsWith("look-")) return false;
    if (field.matches("select")) return !original(field);
    if (field.matches("[type=checkbox], [type=radio]")) return field.checked !== field.defaultChecked;
    return field.matches("input, textarea") && field.value !== field.defaultValue;
  };
  const early = [...form.elements].find(differs);
  if (early) early.dispatchEvent(new Event("input", { bubbles: true }));
  // A chosen file is taken at once: nobody saves and forgets it.
  file.addEventListener("change", () => {
    if (file.files.length) form.requestSubmit(document.getElementById("take-picture"));
  });
  // The days of a season stand in the form as soon as it is chosen.
  const take = document.getElementById("take-season");
  take?.parentElement.querySelector("select").addEventListener("change", (event) => {
    if (event.target.value) form.requestSubmit(take);
  });
  form.addEventListener("submit", () => { leaving = true; next(); });
  // Whoever is shown the page again, by the browser's "back", goes on.
  addEventListener("pageshow", () => { leaving = false; });
  const last = () => {
    if (!(changed || (pending && !told)) || leaving) return;
    told = navigator.sendBeacon(form.dataset.keep, fields());
    changed = !told;
  };
  // A slow page may be ended before it can hide; whether it may go it is asked before that.
  addEventListener("beforeunload", last);
  addEventListener("pagehide", last);
  document.addEventListener("visibilitychange", () => { if (document.hidden) last(); });
})();
