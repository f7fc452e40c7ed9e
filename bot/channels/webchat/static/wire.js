// The way to the server: events out, in order and each until it is taken; lines in as they come.

import * as store from "./store.js";

const ANSWER_TIME = 15000; // ms
const FILE_TIME = 125000; // ms; the server waits a little less
const SILENCE = 25000; // ms without a sign of life (the server gives one every 10 s)
const POLL = 10000; // ms, where a stream cannot be had
const FIRST_PAUSE = 1000; // ms
const LONGEST_PAUSE = 20000; // ms

// `heard(lines)`: lines of the server, some perhaps known already. `taken(id)`, `refused(id, why)`:
// what became of an event; `moved(id, part)`: how much of a file has gone, from 0 to 1.
// `typing()`: somebody at the clinic is writing. `trouble(kind)`: "offline", "reconnecting", "busy" or "".
export class Wire {
  constructor({ heard, taken, refused, moved, typing, trouble }) {
    Object.assign(this, { heard, taken, refused, moved, typing, trouble });
    this.sending = false;
    this.listening = false;
    this.troubles = { out: "", in: "" };
    this.resting = new Set(); // what ends each pause before a next try
    addEventListener("online", () => this.retry());
    addEventListener("pageshow", () => this.retry());
    addEventListener("offline", () => this.report("in", "reconnecting"));
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.retry();
    });
  }

  post(event) {
    store.makeSecret();
    store.addUnsent(event);
    this.drain();
    this.listen();
  }

  retry() {
    for (const wake of this.resting) wake();
    this.drain();
  }

  // Sends what is unsent, one after the other: the order in which a patient spoke matters.
  async drain() {
    if (this.sending) return;
    this.sending = true;
    let tries = 0;
    for (let event = store.unsent()[0]; event; event = store.unsent()[0]) {
      const answer = await (event.kind === "media" ? this.offerFile(event) : this.offer(event));
      if (answer.ok) {
        store.removeUnsent(event.id);
        this.report("out", "");
        this.taken(event.id);
        tries = 0;
      } else if (answer.hopeless) {
        store.removeUnsent(event.id);
        if (event.kind === "media") store.dropFile(event.id);
        this.refused(event.id, answer.why);
      } else {
        this.report("out", answer.busy ? "busy" : "offline");
        await this.rest(answer.after || backOff(tries++));
      }
    }
    this.sending = false;
  }

  async offer(event) {
    let response;
    try {
      response = await ask("events", { method: "POST", body: JSON.stringify(event) });
    } catch {
      return {};
    }
    const after = 1000 * Number(response.headers.get("Retry-After"));
    if (response.ok) return { ok: true };
    if (response.status === 429) return { busy: true, after };
    // 403 and 408 pass (a proxy's sign-in page, a slow line); what else is 4xx will not get better.
    if ([400, 401, 413, 415].includes(response.status)) return { hopeless: true };
    return { after };
  }

  // A file, with its progress: fetch tells of none.
  async offerFile({ id, language }) {
    const file = await store.fileOf(id);
    if (!file) return { hopeless: true, why: "file_lost" };
    const { status, after, error } = await new Promise((done) => {
      const way = new XMLHttpRequest();
      way.open("POST", "chat/api/media");
      way.timeout = FILE_TIME;
      const given = { ...headers(), "Content-Type": "application/octet-stream",
        "X-Kayoi-Event": id, "X-Kayoi-Language": language };
      for (const [name, value] of Object.entries(given)) way.setRequestHeader(name, value);
      way.upload.onprogress = (news) => this.moved(id, news.loaded / (news.total || 1));
      way.onload = () => done({ status: way.status, error: way.responseText,
        after: 1000 * Number(way.getResponseHeader("Retry-After")) });
      way.onerror = way.ontimeout = way.onabort = () => done({ status: 0 });
      way.send(file);
    });
    if (status === 202) {
      store.dropFile(id);
      return { ok: true };
    }
    this.moved(id, 0);
    if (status === 429) return { busy: true, after };
    if (status === 413) return { hopeless: true, why: "file_large" };
    if (status === 415) return { hopeless: true, why: /"empty"/.test(error) ? "file_empty" : "file_kind" };
    if (status === 400 || status === 401) return { hopeless: true };
    return { after };
  }

  // The lines at or before an instant, or the newest. Null if there is no connection.
  async history(until) {
    try {
      const response = await ask("history" + (until ? "?until=" + encodeURIComponent(until) : ""));
      if (response.ok) return await response.json();
    } catch { /* as below */ }
    return null;
  }

  // Hears of new lines as long as the page is open.
  async listen() {
    if (this.listening) return;
    this.listening = true;
    for (let tries = 0; store.secret(); ) {
      const end = await this.stream(() => { tries = 0; });
      if (end === "polling") {
        const news = await this.history();
        this.report("in", news ? "" : "reconnecting");
        if (news) this.heard(news.lines);
        await this.rest(POLL);
      } else {
        if (tries) this.report("in", "reconnecting");
        await this.rest(backOff(tries++));
      }
    }
    this.listening = false;
  }

  // One stream from beginning to end. Fetched, because an EventSource sends no Authorization.
  async stream(alive) {
    const stop = new AbortController();
    let watch = setTimeout(() => stop.abort(), ANSWER_TIME);
    try {
      const response = await fetch("chat/api/stream", { headers: headers(), signal: stop.signal });
      if (response.status === 429 || response.status === 503 || !response.body) return "polling";
      if (!response.ok) return "refused";
      const reader = response.body.getReader();
      const decoder = new TextDecoder();
      for (let rest = ""; ; ) {
        const { value, done } = await reader.read();
        if (done) return "ended";
        clearTimeout(watch);
        watch = setTimeout(() => stop.abort(), SILENCE);
        alive();
        this.report("in", "");
        const parts = (rest + decoder.decode(value, { stream: true })).split("\n\n");
        rest = parts.pop();
        if (parts.some((part) => part.startsWith("event: typing"))) this.typing();
        const news = parts.filter((part) => part.startsWith("data: "));
        if (news.length) this.heard(news.map((part) => JSON.parse(part.slice(6))));
      }
    } catch {
      return "broken";
    } finally {
      clearTimeout(watch);
    }
  }

  async rest(ms) {
    let wake;
    const woken = new Promise((done) => { wake = done; });
    this.resting.add(wake);
    const timer = setTimeout(wake, ms);
    await woken;
    clearTimeout(timer);
    this.resting.delete(wake);
  }

  report(way, kind) {
    this.troubles[way] = kind;
    if (this.troubles.out) return this.trouble(this.troubles.out);
    this.trouble(this.troubles.in && store.unsent().length ? "offline" : this.troubles.in);
  }
}

function headers() {
  return { Authorization: "Bearer " + store.secret(), "Content-Type": "application/json" };
}

async function ask(path, options = {}) {
  const stop = new AbortController();
  const watch = setTimeout(() => stop.abort(), ANSWER_TIME);
  try {
    const asked = { ...options, headers: headers(), signal: stop.signal, cache: "no-store" };
    return await fetch("chat/api/" + path, asked);
  } finally {
    clearTimeout(watch);
  }
}

function backOff(tries) {
  const ms = Math.min(FIRST_PAUSE * 2 ** tries, LONGEST_PAUSE);
  return ms * (0.75 + Math.random() / 2); // or all browsers come back in the same instant
}
