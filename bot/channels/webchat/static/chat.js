// The page: what is shown in which order, and what the patient can do.

import { ACCEPTED, dialog as attaching, MOST } from "./attach.js";
import { build, mark, progress, settle } from "./lines.js";
import * as store from "./store.js";
import { NAMES, TEXTS } from "./texts.js";
import { Wire } from "./wire.js";

const PATIENCE = 20000; // ms for which the page shows that an answer is being written
const TYPES = 8000; // ms for which a person who was writing is believed to write on
const byId = (id) => document.getElementById(id);
const page = document.documentElement;
const log = byId("log");
const words = byId("words");
const foot = document.querySelector("footer");
const address = new URL(location.href);
store.open((/^#s=([\w-]{43})$/.exec(address.hash) || [])[1]);
if (address.hash) { // a secret must not stay where it can be read or sent on
  address.hash = "";
  history.replaceState(null, "", address);
}

const languages = page.dataset.languages.split(" ").filter((language) => TEXTS[language]);
let language = firstLanguage();
let texts = TEXTS[language];
let lines = []; // in the order shown: {line, element}; what is not confirmed stands last
let atBottom = true;
let unread = 0;
let patience;
let code = address.searchParams.get("start");
const title = document.title;

const wire = new Wire({
  heard: (news) => hear(news),
  taken: (id) => state(id, ""),
  refused: (id, why) => state(id, "failed", why),
  moved: (id, part) => {
    const entry = lines.find(({ line }) => line.event === id && !line.at);
    if (entry) progress(entry.element, part);
  },
  typing: () => {
    wait(TYPES);
    byId("typing").textContent = texts.typing;
    if (atBottom) toBottom();
  },
  trouble: (kind) => {
    const text = kind ? texts[kind] : "";
    if (byId("notice").textContent !== text) byId("notice").textContent = text;
    if (kind) byId("writing").hidden = true;
    for (const { line } of lines) {
      if (line.state === "sending" || line.state === "waiting") state(line.event, kind ? "waiting" : "sending");
    }
  },
});

// What the patient does ------------------------------------------------------------------------

function act(event) {
  const made = { id: store.uuid(), language, ...event };
  wait();
  wire.post(made);
  if (event.kind === "start") return refresh();
  const entry = show(unconfirmed(made));
  refresh();
  scrollTo(entry.element);
  // The pressed button is disabled now, and focus must not be lost with it.
  if (event.kind !== "text") entry.element.focus({ preventScroll: true });
}

// An event as a line, until the server tells of it.
function unconfirmed(event) {
  const text = event.kind === "press" ? event.label : event.kind === "contact" ? event.phone : event.text;
  const { id, token, day, media, size } = event;
  return { id: "unsent " + id, event: id, side: "patient", state: "sending", text, token, day, media, size };
}

// A picture or a file. What can be seen here to be in vain is said before it is sent.
async function attach(file) {
  const media = file.type.split("/")[0];
  const event = {
    id: store.uuid(), language, kind: "media", size: file.size,
    media: ["image", "audio", "video"].includes(media) ? media : "file",
  };
  const why = !file.size ? "file_empty" : file.size > MOST ? "file_large"
    : file.type && !ACCEPTED.includes(file.type) ? "file_kind" : "";
  if (why) {
    const entry = show({ ...unconfirmed(event), state: "failed", why });
    refresh();
    scrollTo(entry.element);
    byId("alarm").textContent = texts.failed + " " + texts[why];
    return entry.element.focus({ preventScroll: true });
  }
  await store.keepFile(event.id, file);
  act(event);
  if (event.media === "image") preview(event.id, file);
}

// The patient sees which picture it is, as long as the page is open.
const previews = new Map();

function preview(id, file) {
  previews.set(id, URL.createObjectURL(file));
  const entry = lines.find(({ line }) => line.event === id);
  if (entry) show(entry.line);
}

function start() {
  const payload = /^[\w-]{1,128}$/.test(code || "") ? code : "";
  code = null;
  address.searchParams.delete("start"); // a reload must not use the code again
  history.replaceState(null, "", address);
  act({ kind: "start", payload });
  words.focus();
}

function send() {
  const text = (words.value.toWellFormed ? words.value.toWellFormed() : words.value).trim();
  if (text) {
    words.value = "";
    store.write("draft", "");
    grow();
    act({ kind: "text", text });
  }
  words.focus();
}

// What comes in --------------------------------------------------------------------------------

function hear(news) {
  const known = new Set(lines.map(({ line }) => line.id));
  const fresh = news.filter((line) => !known.has(line.id));
  if (!fresh.length) return;
  look();
  const shown = fresh.map(show);
  const heard = shown.filter(({ line }) => line.side !== "patient");
  refresh();
  if (!heard.length) return;
  rest();
  const urgent = heard.filter(({ line }) => line.message.urgent).map(({ line }) => line.message.text);
  if (log.getAttribute("aria-live") !== "off" && urgent.length) byId("alarm").textContent = urgent.join("\n");
  if (document.hidden) document.title = `(${unread += heard.length}) ${title}`;
  if (atBottom) scrollTo(heard[0].element);
  else byId("newest").hidden = false;
}

// Puts a line in its place. The server's own record of an event replaces the unconfirmed one.
function show(line) {
  const before = lines.findIndex((entry) => line.event && entry.line.event === line.event);
  if (before >= 0) {
    const [entry] = lines.splice(before, 1);
    const focused = entry.element.contains(document.activeElement);
    entry.element.remove();
    if (focused) setTimeout(() => element.focus({ preventScroll: true }));
  }
  line.preview = previews.get(line.event);
  const element = build(line, { texts, language, act });
  element.hidden = !(line.message || line.text || line.day || line.media || line.erased);
  let place = lines.length;
  while (line.at && place > 0 && !(lines[place - 1].line.at <= line.at)) place--;
  byId("lines").insertBefore(element, place < lines.length ? lines[place].element : null);
  const entry = { line, element };
  lines.splice(place, 0, entry);
  if (line.state) mark(element, line.state, texts, () => remove(entry), line.why);
  return entry;
}

function remove(entry) {
  lines = lines.filter((other) => other !== entry);
  entry.element.remove();
  refresh();
  words.focus();
}

function state(id, state, why) {
  const entry = lines.find(({ line }) => line.event === id && !line.at);
  if (!entry) return;
  Object.assign(entry.line, { state, why });
  mark(entry.element, state, texts, () => remove(entry), why);
  if (state !== "failed") return;
  byId("writing").hidden = true;
  if (why) byId("alarm").textContent = texts.failed + " " + texts[why];
}

// Everything that depends on the other lines: days, and which buttons are over.
function refresh() {
  const chosen = new Set(lines.map(({ line }) => line.token).filter(Boolean));
  const isAnswer = ({ line }) => line.side === "patient" && line.state !== "failed";
  const lastAnswer = lines.map(isAnswer).lastIndexOf(true);
  // With staff the bot is silent: its last message's only button stays the way back to it.
  const last = lines.map(({ line }) => line.side === "clinic" && !!line.message).lastIndexOf(true);
  const staysGood = (line, place) => line.standing || (place === last
    && line.message.buttons.length === 1 && !line.message.date && !line.message.contact);
  let day = "";
  lines.forEach(({ line, element }, place) => {
    if (line.message) settle(element, place < lastAnswer && !staysGood(line, place), chosen, texts);
    if (element.hidden) return;
    element.querySelector(".day").hidden = element.dataset.day === day;
    day = element.dataset.day;
  });
  const begun = lines.length > 0 || store.unsent().length > 0;
  byId("welcome").hidden = begun;
  byId("continue").hidden = !begun || code === null;
  byId("end").disabled = !store.secret();
}

function wait(ms = PATIENCE) {
  clearTimeout(patience);
  byId("writing").hidden = false;
  patience = setTimeout(rest, ms);
}

function rest() {
  clearTimeout(patience);
  byId("writing").hidden = true;
  byId("typing").textContent = "";
}

// Where the reader is ----------------------------------------------------------------------------

// Where there is little height the whole page scrolls, under its foot.
const paged = () => getComputedStyle(log).overflowY === "visible";

function look() {
  const end = paged() ? foot.getBoundingClientRect().top : log.getBoundingClientRect().bottom;
  atBottom = byId("bottom").getBoundingClientRect().top < end;
  if (atBottom) byId("newest").hidden = true;
}

// The end of the conversation, but never past the beginning of what is new.
function scrollTo(element) {
  byId("bottom").scrollIntoView({ block: "end" });
  const top = paged() ? 0 : log.getBoundingClientRect().top;
  if (element.getBoundingClientRect().top < top) element.scrollIntoView({ block: "start" });
}

function toBottom() {
  byId("newest").hidden = true;
  byId("bottom").scrollIntoView({ block: "end" });
}

async function showEarlier() {
  const first = lines.find(({ line }) => line.at);
  const past = first && await wire.history(first.line.at);
  if (!past) return;
  const top = first.element.getBoundingClientRect().top;
  hearPast(past);
  const scroller = paged() ? document.scrollingElement : log;
  scroller.scrollTop += first.element.getBoundingClientRect().top - top;
  first.element.focus({ preventScroll: true });
}

function hearPast(past) {
  const known = new Set(lines.map(({ line }) => line.id));
  const live = log.getAttribute("aria-live");
  log.setAttribute("aria-live", "off"); // nobody wants to hear it all again
  past.lines.filter((line) => !known.has(line.id)).forEach(show);
  log.setAttribute("aria-live", live);
  byId("earlier").hidden = !past.more;
  refresh();
}

// How it looks -----------------------------------------------------------------------------------

function firstLanguage() {
  const kept = store.read("language");
  return !address.searchParams.has("lang") && languages.includes(kept) ? kept : page.lang;
}

function speak(chosen) {
  language = chosen;
  texts = TEXTS[language];
  page.lang = language;
  for (const element of document.querySelectorAll("[data-text]")) {
    element.textContent = texts[element.dataset.text];
  }
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", texts[element.dataset.label]);
  }
  words.placeholder = texts.message;
  byId("language").value = language;
  for (const button of document.querySelectorAll(".languages button")) {
    button.setAttribute("aria-pressed", String(button.lang === language));
  }
  const before = lines;
  lines = [];
  byId("lines").replaceChildren();
  before.forEach(({ line }) => show(line));
  refresh();
}

function choose(chosen) {
  store.write("language", chosen);
  speak(chosen);
}

function resize(size) {
  store.write("size", size);
  page.dataset.size = size;
  for (const button of document.querySelectorAll("[data-size]")) {
    if (button !== page) button.setAttribute("aria-pressed", String(button.dataset.size === size));
  }
  grow();
  if (atBottom && lines.length) toBottom();
}

function grow() {
  words.style.height = "auto";
  words.style.height = words.scrollHeight + 2 + "px";
}

// The beginning ----------------------------------------------------------------------------------

function prepare() {
  for (const name of languages) {
    byId("language").append(Object.assign(new Option(NAMES[name], name), { lang: name }));
    const button = Object.assign(document.createElement("button"), { type: "button", lang: name });
    button.append(NAMES[name]);
    button.addEventListener("click", () => choose(name));
    document.querySelector(".languages").append(button);
  }
  byId("language").addEventListener("change", (event) => choose(event.target.value));
  for (const button of document.querySelectorAll("button[data-size]")) {
    button.addEventListener("click", () => resize(button.dataset.size));
  }
  byId("start").addEventListener("click", start);
  byId("go_on").addEventListener("click", start);
  byId("newest").addEventListener("click", toBottom);
  attaching(attach);
  byId("earlier").addEventListener("click", showEarlier);
  byId("end").addEventListener("click", () => byId("ending").showModal());
  byId("ending").addEventListener("close", (event) => {
    if (event.target.returnValue === "end") end();
  });
  byId("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  words.addEventListener("input", () => {
    store.write("draft", words.value);
    grow();
  });
  words.addEventListener("keydown", (event) => {
    // 229: Safari tells no composition when Enter has just ended one.
    const composing = event.isComposing || event.keyCode === 229;
    const byHand = matchMedia("(pointer: coarse)").matches; // there Enter makes a new line
    if (event.key !== "Enter" || event.shiftKey || composing || byHand) return;
    event.preventDefault();
    send();
  });
  addEventListener("keydown", (event) => {
    const open = document.querySelector("dialog[open]");
    if (event.key === "Escape" && parent !== window && !open && !event.isComposing) {
      parent.postMessage("kayoi-chat:close", "*"); // carries nothing
    }
  });
  document.addEventListener("visibilitychange", () => {
    unread = 0;
    document.title = title;
  });
  document.addEventListener("scroll", look, { capture: true, passive: true });
  const stay = () => { if (atBottom && lines.length) toBottom(); };
  addEventListener("resize", stay);
  // Where the page scrolls, the log grows with what is new, which is not to be scrolled past.
  new ResizeObserver(() => { if (!paged()) stay(); }).observe(log);
  const underFoot = () => page.style.setProperty("--foot", foot.offsetHeight + "px");
  new ResizeObserver(underFoot).observe(foot);
  store.onOtherConversation(() => location.reload());
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
}

function end() {
  store.forget();
  location.replace(location.pathname + "?lang=" + language);
}

async function begin() {
  prepare();
  speak(language);
  resize(store.read("size") === "large" ? "large" : "normal");
  if (words.value) store.write("draft", words.value); // typed before this script was there
  else words.value = store.read("draft") || "";
  grow();
  for (const event of store.unsent()) {
    if (event.kind !== "start") show(unconfirmed(event));
  }
  refresh();
  let past = null;
  for (let tries = 0; store.secret() && !past; tries++) {
    past = await wire.history();
    wire.report("in", past ? "" : "reconnecting");
    if (!past) await wire.rest(Math.min(1000 * 2 ** tries, 10000));
  }
  if (past) hearPast(past);
  if (lines.length) toBottom();
  log.setAttribute("aria-live", "polite");
  wire.drain();
  if (store.secret()) wire.listen();
}

begin();
