// The inbox by keyboard, ready answers, and who else is here. Everything also works without it.
(() => {
  const one = (selector) => document.querySelector(selector);
  const box = () => document.getElementById("text");
  const writing = (target) => target.matches?.("input, textarea, select, [contenteditable]");

  // j and k go through the list, the arrows too while the list has the focus.
  function step(by) {
    const links = [...document.querySelectorAll("[data-talk]")];
    if (!links.length) return;
    const focused = links.indexOf(document.activeElement);
    const at = focused >= 0 ? focused : links.findIndex((link) => link.getAttribute("aria-current"));
    const next = links[Math.min(links.length - 1, Math.max(0, at + by))] ?? links[0];
    next.focus();
    // Beside an open conversation the next one opens at once; in the list alone Enter opens it.
    if (one("[data-here]") && at !== links.indexOf(next)) next.click();
  }
  function unfold(id) {
    const tool = document.getElementById(id);
    if (!tool) return;
    tool.open = true;
    tool.querySelector("button, select, textarea, input:not([type=hidden])")?.focus();
  }
  const keys = {
    j: () => step(1),
    k: () => step(-1),
    r: () => (box() ? box().focus() : (one("#take-over") ?? document.activeElement.closest("li")?.querySelector("[id^=take-]"))?.click()),
    e: () => one("#hand-back")?.click(),
    s: () => unfold("snooze"),
    a: () => unfold("assign"),
    n: () => unfold("write-note"),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || one("dialog[open]")) return;
    const listed = event.target.matches?.("[data-talk]");
    const key = listed && { ArrowDown: "j", ArrowUp: "k" }[event.key] ? { ArrowDown: "j", ArrowUp: "k" }[event.key] : event.key;
    if (writing(event.target)) {
      if (event.key === "Escape") event.target.blur();
    } else if (Object.hasOwn(keys, key)) {
      event.preventDefault();
      keys[key]();
    }
  });

  // What was on the screen when one last typed is known; what came later holds the answer back.
  function seen(typed) {
    const [last, field] = [one("#thread")?.dataset.last, one('#answer [name="seen"]')];
    if (!field || !last) return;
    if (typed || !box().value) field.value = last;
    const changed = one("#changed");
    changed.textContent = field.value === last ? "" : changed.dataset.words;
  }

  // Colleagues hear that somebody is here, and who writes. Being here does not prolong the session.
  const EVERY = 20000; // ms
  const WRITES = 4000;
  let typed = 0;
  let wrote = false;
  function here(state = {}) {
    const at = one("[data-here]")?.dataset.here;
    const token = one('input[name="csrf"]')?.value;
    if (!at || !token) return;
    wrote = state.typing === "yes";
    fetch(at, { method: "POST", headers: { "X-CSRF-Token": token }, body: new URLSearchParams(state), keepalive: true });
  }
  if (one("[data-here]")) {
    if (!document.hidden) here();
    setInterval(() => { if (!document.hidden) here(wrote && performance.now() - typed < WRITES ? { typing: "yes" } : {}); }, EVERY);
    setInterval(() => { if (wrote && performance.now() - typed > WRITES) here(); }, WRITES);
    document.addEventListener("visibilitychange", () => here(document.hidden ? { leaving: "yes" } : {}));
    addEventListener("pagehide", () => here({ leaving: "yes" }));
  }
  document.addEventListener("input", (event) => {
    if (event.target !== box()) return;
    seen(true);
    if (!wrote || performance.now() - typed > WRITES) here({ typing: "yes" });
    typed = performance.now();
    const asked = /(^|\s)\/([^\s/]*)$/.exec(box().value.slice(0, box().selectionStart));
    if (asked) offer(asked[2].toLowerCase());
    else if (offered) close();
  });

  // Ready answers: a slash offers them, what follows it narrows them down.
  let offered = false;
  const list = () => [...document.querySelectorAll("[data-canned]")];
  const shown = () => list().filter((link) => !link.parentElement.hidden);
  function mark(link) {
    for (const other of list()) other.removeAttribute("data-marked");
    link?.setAttribute("data-marked", "");
    link?.scrollIntoView({ block: "nearest" });
  }
  function offer(words) {
    const picker = document.getElementById("canned");
    if (!picker) return;
    offered = true;
    picker.open = true;
    for (const link of list()) link.parentElement.hidden = !link.dataset.canned.startsWith(words) && !link.textContent.toLowerCase().includes(words);
    mark(shown()[0]);
  }
  function close() {
    offered = false;
    const picker = document.getElementById("canned");
    if (picker) picker.open = false;
    for (const link of list()) link.parentElement.hidden = false;
    mark(null);
  }
  function insert(link) {
    const area = box();
    const before = area.value.slice(0, area.selectionStart).replace(/(^|\s)\/[^\s/]*$/, "$1");
    area.value = before + link.dataset.words + area.value.slice(area.selectionEnd);
    const end = before.length + link.dataset.words.length;
    close();
    area.focus();
    area.setSelectionRange(end, end);
    seen(true);
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-canned]");
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    insert(link);
  });
  document.addEventListener("keydown", (event) => {
    if (!offered || event.target !== box()) return;
    const links = shown();
    const at = links.findIndex((link) => link.hasAttribute("data-marked"));
    if (event.key === "ArrowDown" || event.key === "ArrowUp") mark(links[(at + (event.key === "ArrowDown" ? 1 : links.length - 1)) % links.length]);
    else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && links[at]) insert(links[at]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);

  // In a note @ and the first letters of a name, then Tab, write the name.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Tab" || event.shiftKey || event.target.id !== "note") return;
    const area = event.target;
    const begun = /[@＠]([^@＠\n]*)$/.exec(area.value.slice(0, area.selectionStart));
    const names = area.dataset.names.split("|").filter(Boolean);
    const name = begun && names.find((each) => each.toLowerCase().startsWith(begun[1].toLowerCase()));
    if (!name || name === begun[1]) return;
    event.preventDefault();
    area.setRangeText(`@${name} `, area.selectionStart - begun[0].length, area.selectionStart, "end");
  });

  // A picture that somebody opened stays open when the thread is renewed.
  const opened = new Set();
  document.addEventListener("toggle", (event) => {
    const id = event.target.matches?.("details.media") && event.target.closest("li").id;
    if (id) opened[event.target.open ? "add" : "delete"](id);
  }, true);
  document.addEventListener("htmx:after:swap", () => {
    for (const id of opened) {
      const picture = document.getElementById(id)?.querySelector("details.media");
      if (picture) picture.open = true;
    }
    seen(false);
  });
  one(".inbox-list [aria-current=true]")?.scrollIntoView({ block: "nearest" });
})();
