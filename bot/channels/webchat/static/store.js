// What this browser keeps: the secret that names the conversation, what is not sent yet, a draft,
// and how the page looks.

const PREFIX = "kayoi.chat.";
const CONVERSATION = ["secret", "unsent", "draft"];
const memory = new Map(); // where the browser keeps nothing: the conversation lasts as long as the page
let linked = false; // in the conversation of a one-time link; the browser's own one is kept beside it

const place = (key) => PREFIX + (linked && CONVERSATION.includes(key) ? "link." : "") + key;

export function read(key) {
  try {
    const kept = localStorage.getItem(place(key));
    if (kept !== null) return JSON.parse(kept);
  } catch { /* no storage, or not ours */ }
  return memory.has(place(key)) ? memory.get(place(key)) : null;
}

export function write(key, value) {
  memory.set(place(key), value);
  try {
    localStorage.setItem(place(key), JSON.stringify(value));
  } catch { /* no storage, or it is full */ }
}

// Chooses the conversation: that of the link that was just opened (`secret`), or in this tab before;
// else the browser's own one, or the last link's if there is no other.
export function open(secret) {
  let before = null;
  try {
    before = sessionStorage.getItem(PREFIX + "linked");
  } catch { /* no storage */ }
  linked = Boolean(secret || before);
  if (secret) forget();
  if (secret) write("secret", secret);
  if (!linked && !read("secret")) {
    linked = true;
    linked = Boolean(read("secret"));
  }
  stay(linked);
}

function stay(here) {
  try {
    if (here) sessionStorage.setItem(PREFIX + "linked", "yes");
    else sessionStorage.removeItem(PREFIX + "linked");
  } catch { /* no storage */ }
}

// Erases the conversation, not the language and the size of the text. The files that the one kept
// beside it has still to send stay.
export function forget() {
  linked = !linked;
  const others = new Set(unsent().map(({ id }) => id));
  linked = !linked;
  dropFilesBut(others);
  for (const key of CONVERSATION) {
    memory.delete(place(key));
    try {
      localStorage.removeItem(place(key));
    } catch { /* no storage */ }
  }
  stay(false);
}

// Calls back when another tab ended the conversation or began a new one.
export function onOtherConversation(callback) {
  addEventListener("storage", (change) => {
    if (change.key === null || change.key === place("secret")) callback();
  });
}

// The conversation's secret. It is made with the first thing the patient does: a look leaves no trace.
export function secret() {
  return read("secret");
}

export function makeSecret() {
  if (!secret()) {
    const bytes = crypto.getRandomValues(new Uint8Array(32));
    const text = btoa(String.fromCharCode(...bytes));
    write("secret", text.replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, ""));
  }
  return secret();
}

// crypto.randomUUID is missing on pages without TLS.
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

// Files that are not sent yet. A browser keeps them over a reload, if it keeps such things at all.
const files = new Map();

async function shelf(mode, act) {
  const base = await new Promise((done, failed) => {
    const opening = indexedDB.open("kayoi.chat", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("files");
    opening.onsuccess = () => done(opening.result);
    opening.onerror = () => failed(opening.error);
  });
  try {
    return await new Promise((done, failed) => {
      const asked = act(base.transaction("files", mode).objectStore("files"));
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => failed(asked.error);
    });
  } finally {
    base.close();
  }
}

export async function keepFile(id, file) {
  files.set(id, file);
  try {
    await shelf("readwrite", (all) => all.put(file, id));
  } catch { /* it lasts as long as the page */ }
}

export async function fileOf(id) {
  if (files.has(id)) return files.get(id);
  try {
    return await shelf("readonly", (all) => all.get(id)) || null;
  } catch {
    return null;
  }
}

export async function dropFile(id) {
  files.delete(id);
  try {
    await shelf("readwrite", (all) => all.delete(id));
  } catch { /* none is kept */ }
}

// Also those that no conversation knows of: the page was closed before they were to be sent.
async function dropFilesBut(kept) {
  for (const id of files.keys()) if (!kept.has(id)) files.delete(id);
  try {
    await shelf("readwrite", (all) => {
      const asked = all.getAllKeys();
      asked.addEventListener("success", () => {
        for (const id of asked.result) if (!kept.has(id)) all.delete(id);
      });
      return asked;
    });
  } catch { /* none is kept */ }
}

export function unsent() {
  const events = read("unsent");
  return Array.isArray(events) ? events : [];
}

// The list is read anew each time, because another tab may have changed it.
export function addUnsent(event) {
  write("unsent", [...unsent(), event]);
}

export function removeUnsent(id) {
  write("unsent", unsent().filter((event) => event.id !== id));
}
