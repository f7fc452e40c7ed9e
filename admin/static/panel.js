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
let queued = null; // not known before the page was read once
function news() {
  const menu = document.getElementById("menu");
  if (!menu) return;
  const now = Number(menu.dataset.queued);
  if (queued !== null && now > queued) document.getElementById("news").textContent = menu.dataset.news;
  queued = now;
  entitle(false);
}
function entitle(flash) {
  const wanted = flash ? alarm.dataset.title : queued ? `(${queued}) ${title}` : title;
  if (document.title !== wanted) document.title = wanted;
}

// The alarm: an emergency that nobody has taken rings on every page until somebody does.
const MUTED = 5 * 60 * 1000; // ms
const alarm = document.getElementById("alarm");
let audio; // made with the first alarm: browsers complain of one that nobody needs
function emergencies() {
  const bar = document.getElementById("alarm-bar");
  return { count: Number(bar?.dataset.count ?? 0), since: Number(bar?.dataset.since ?? 0) };
}
// Muting is for what one has heard: a new emergency, or one that rose, rings at once.
function muted() {
  const [until, heard] = (localStorage.getItem("muted") ?? "0 0").split(" ").map(Number);
  return Date.now() < until && until <= Date.now() + MUTED && emergencies().since <= heard;
}
function tone(hertz, at) {
  const [source, volume] = [audio.createOscillator(), audio.createGain()];
  const [from, until] = [audio.currentTime + at, audio.currentTime + at + 0.28];
  source.type = "triangle";
  source.frequency.value = hertz;
  volume.gain.setValueAtTime(0, from);
  volume.gain.linearRampToValueAtTime(0.5, from + 0.02);
  volume.gain.setValueAtTime(0.5, until - 0.04);
  volume.gain.linearRampToValueAtTime(0, until);
  source.connect(volume).connect(audio.destination);
  source.start(from);
  source.stop(until);
}
let beats = 0;
function ring() {
  if (!alarm) return;
  const rings = emergencies().count > 0;
  if (rings && !audio) {
    audio = new AudioContext();
    audio.addEventListener("statechange", ring);
  }
  const state = !rings ? "no" : muted() ? "muted" : audio.state === "running" ? "yes" : "blocked";
  if (alarm.dataset.ringing !== state) {
    alarm.dataset.ringing = state;
    beats = 0;
    const buttons = $$("[data-alarm]", alarm);
    const focused = buttons.includes(document.activeElement);
    for (const button of buttons) button.hidden = button.dataset.when !== state;
    if (focused) buttons.find((button) => !button.hidden)?.focus();
    pulse();
  }
}
function pulse() {
  const state = alarm?.dataset.ringing ?? "no";
  if (state === "yes" && beats % 3 === 0) [880, 660, 880, 660].forEach((hertz, n) => tone(hertz, n * 0.32));
  beats += 1;
  if (state !== "no" || document.title === alarm?.dataset.title) entitle(state !== "no" && beats % 2 === 1);
}
setInterval(() => { ring(); pulse(); }, 1000);
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-alarm]");
  if (button?.dataset.alarm === "mute") localStorage.setItem("muted", `${Date.now() + MUTED} ${emergencies().since}`);
  if (button?.dataset.alarm === "unmute") localStorage.removeItem("muted");
  if (button) ring();
});
// Browsers let a page make a sound once a person has touched it, wherever that was.
for (const kind of ["pointerup", "keydown"]) {
  document.addEventListener(kind, () => { if (audio && audio.state !== "running") audio.resume(); });
}
// A page in the background would hear of an emergency once a minute only: its own timers are slowed
// down, those of a worker are not.
if (alarm) {
  new MutationObserver(ring).observe(alarm, { childList: true, subtree: true });
  const worker = new Worker(alarm.dataset.beat);
  worker.addEventListener("message", () => {
    if (document.hidden) document.getElementById("menu").dispatchEvent(new Event("beat"));
  });
}

// Until the next alert the seconds are counted down.
setInterval(() => {
  for (const one of $$("[data-countdown]")) {
    if (!loaded.has(one)) loaded.set(one, performance.now());
    const left = Math.max(0, Number(one.dataset.countdown) - (performance.now() - loaded.get(one)) / 1000);
    one.textContent = `${Math.floor(left / 60)}:${String(Math.floor(left % 60)).padStart(2, "0")}`;
  }
}, 1000);

// Where somebody reads, in the messages or in the menu, they go on reading in what comes instead.
const SCROLLED = ["messages", "side"];
const places = new Map(); // by id: the element that was there, and how far down it was
document.addEventListener("htmx:before:swap", () => {
  for (const id of SCROLLED) {
    const one = document.getElementById(id);
    if (one) places.set(id, { one, top: one.scrollTop });
  }
});
function keepPlaces() {
  for (const [id, { one, top }] of places) {
    const now = document.getElementById(id);
    if (now && now !== one && !(id === "messages" && atEnd)) now.scrollTop = top;
  }
}
// At once, before anything is painted; and again when what was unfolded is unfolded again.
document.addEventListener("htmx:before:settle", () => { keepPlaces(); watchEnd(); });
document.addEventListener("htmx:after:swap", () => {
  if (document.querySelector("#messages details[open], #side details[open]")) keepPlaces();
  queueMicrotask(() => places.clear());
});

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

// The answer form comes and goes with the ownership, which another person or time may change. What
// one has just pressed goes first, and what one has begun to write stays: a reload would end both.
const PRESSED = 5000; // ms
const mine = document.getElementById("thread")?.dataset.mine;
let acted = -PRESSED;
for (const kind of ["submit", "click"]) {
  document.addEventListener(kind, (event) => {
    if (kind === "submit" || event.target.closest("a[href]")) acted = performance.now();
  });
}
function watchOwner() {
  const now = document.getElementById("thread")?.dataset.mine;
  if (now === mine || $$("textarea").some((area) => area.value)) return;
  if ($$("dialog[open]").length || document.activeElement?.matches("main :is(input, select):not([data-search])")) return;
  if (performance.now() - acted > PRESSED) location.reload();
}

// What comes instead of a pressed button has the focus, if nobody has gone elsewhere meanwhile.
document.addEventListener("htmx:after:swap", (event) => {
  if (document.activeElement !== document.body || !event.target.matches) return;
  const next = event.target.matches("[data-focus]") ? event.target : event.target.querySelector("[data-focus]");
  next?.focus({ preventScroll: true });
});

document.addEventListener("htmx:after:swap", () => { tick(); news(); watchEnd(); watchOwner(); });
tick();
news();
ring();
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
