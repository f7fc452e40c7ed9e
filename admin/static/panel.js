// What pages do by themselves. Everything that matters also works without it.
const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];

document.addEventListener("click", (event) => {
  const on = (selector) => event.target.closest(selector);
  if (on("[data-print]")) print();
  if (on("[data-theme-switch]")) {
    const dark = document.documentElement.dataset.bsTheme === "dark";
    localStorage.setItem("theme", dark ? "light" : "dark");
    document.documentElement.dataset.bsTheme = dark ? "light" : "dark";
  }
  if (on("[data-selects]")) on("[data-selects]").select();
  for (const open of $$("details.me[open]")) if (!open.contains(event.target)) open.open = false;
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submits]") && event.target.checkValidity()) {
    event.target.form.requestSubmit();
  }
});

// A second click must not send twice.
document.addEventListener("submit", (event) => {
  if (event.target.matches("[hx-post]") || event.target.method !== "post") return;
  if (event.target.dataset.sent) return event.preventDefault();
  event.target.dataset.sent = "yes";
});
addEventListener("pageshow", () => $$("form[data-sent]").forEach((form) => delete form.dataset.sent));

document.addEventListener("keydown", (event) => {
  const writing = event.target.matches("input, textarea, select");
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("[data-sends]")) {
    event.target.form.requestSubmit();
  } else if (event.key === "Escape") {
    for (const open of $$("details.me[open]")) open.open = false;
  } else if (!writing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    if (event.key === "/" && document.querySelector("[data-search]")) {
      event.preventDefault();
      document.querySelector("[data-search]").focus();
    }
    document.querySelector(`a[data-key="${CSS.escape(event.key)}"]`)?.click();
  }
});

// Waiting times grow on the screen while nothing else changes.
const loaded = new WeakMap();
function tick() {
  for (const lists of $$("[data-minutes]")) {
    for (const one of $$("[data-waiting]", lists)) {
      if (!loaded.has(one)) loaded.set(one, performance.now());
      const minutes = Math.floor((Number(one.dataset.waiting) + (performance.now() - loaded.get(one)) / 1000) / 60);
      one.classList.toggle("is-long", minutes >= 10);
      if (minutes >= 48 * 60) continue;
      const [h, m] = [Math.floor(minutes / 60), minutes % 60];
      const words = h ? lists.dataset.hours : lists.dataset.minutes;
      one.querySelector("[data-ticks]").textContent = words.replace("{h}", h).replace("{m}", m);
    }
  }
}
setInterval(tick, 5000);

// The window's title and the reader's voice say when somebody begins to wait.
const title = document.title;
let queued = 0;
function news() {
  const menu = document.getElementById("menu");
  if (!menu) return;
  const now = Number(menu.dataset.queued);
  document.title = now ? `(${now}) ${title}` : title;
  if (now > queued && performance.now() > 5000) document.getElementById("news").textContent = menu.dataset.news;
  queued = now;
}

// New messages stay in sight, unless somebody reads further up.
let atEnd = true;
function watchEnd() {
  const messages = document.getElementById("messages");
  if (!messages || messages.dataset.watched) return;
  messages.dataset.watched = "yes";
  if (atEnd) messages.scrollTop = messages.scrollHeight;
  messages.addEventListener("scroll", () => {
    atEnd = messages.scrollTop + messages.clientHeight > messages.scrollHeight - 40;
  });
}

// The answer form comes and goes with the ownership, which another person or time may change.
let mine = document.getElementById("thread")?.dataset.mine;
function watchOwner() {
  const now = document.getElementById("thread")?.dataset.mine;
  if (now !== mine && !document.getElementById("text")?.value) location.reload();
  mine = now;
}

document.addEventListener("htmx:after:swap", () => { tick(); news(); watchEnd(); watchOwner(); });
tick();
news();
watchEnd();

// Typing is being there, though nothing is sent: once a minute the server hears of it.
let touched = performance.now();
for (const kind of ["keydown", "pointerdown"]) {
  document.addEventListener(kind, () => {
    const token = document.querySelector('input[name="csrf"]')?.value;
    if (!token || performance.now() - touched < 60000) return;
    touched = performance.now();
    fetch("/touch", { method: "POST", headers: { "X-CSRF-Token": token } });
  });
}
