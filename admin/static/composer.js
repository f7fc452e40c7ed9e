// Keeps what is typed into a campaign's form as it is typed, so that a closed tab loses nothing.
(() => {
  const form = document.getElementById("composer");
  if (!form) return;
  const kept = document.getElementById("kept");
  const file = document.getElementById("picture-file");
  let changed = false, leaving = false, timer = 0;

  const fields = () => {
    const said = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (typeof value === "string") said.append(name, value);
    return said;
  };

  async function keep() {
    clearTimeout(timer);
    if (!changed || leaving) return;
    changed = false;
    let ok = false;
    try {
      ok = (await fetch(form.dataset.keep, { method: "POST", body: fields() })).ok;
    } catch { /* told below, and tried again with the next change */ }
    if (!ok) changed = true;
    kept.textContent = ok ? form.dataset.kept : form.dataset.unkept;
  }

  // Another time is another page: what was typed last is kept before it is asked for.
  form.querySelector("#when nav").addEventListener("click", async (event) => {
    const link = event.target.closest("a");
    if (!link || !changed || event.ctrlKey || event.metaKey || event.shiftKey) return;
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
  const early = document.activeElement;
  if (form.contains(early) && early.defaultValue !== undefined && early.value !== early.defaultValue) {
    early.dispatchEvent(new Event("input", { bubbles: true }));
  }
  // A chosen file is taken at once: nobody saves and forgets it.
  file.addEventListener("change", () => {
    if (file.files.length) form.requestSubmit(document.getElementById("take-picture"));
  });
  // The days of a season stand in the form as soon as it is chosen.
  const take = document.getElementById("take-season");
  take?.parentElement.querySelector("select").addEventListener("change", (event) => {
    if (event.target.value) form.requestSubmit(take);
  });
  form.addEventListener("submit", () => { leaving = true; });
  // Whoever is shown the page again, by the browser's "back", goes on.
  addEventListener("pageshow", () => { leaving = false; });
  const last = () => {
    if (!changed || leaving) return;
    changed = !navigator.sendBeacon(form.dataset.keep, fields());
  };
  // A slow page may be ended before it can hide; whether it may go it is asked before that.
  addEventListener("beforeunload", last);
  addEventListener("pagehide", last);
  document.addEventListener("visibilitychange", () => { if (document.hidden) last(); });
})();
