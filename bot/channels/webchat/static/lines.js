// One line of the conversation as elements. Data goes into text nodes only, never into markup.

const OPENED = /^(https?:\/\/|tel:)/i; // the addresses a link may have

function make(name, properties = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children.filter(Boolean));
  return element;
}

const isolated = (text) => make("bdi", {}, text);
const unseen = (text) => make("span", { className: "unseen" }, text);

// A plain day (2026-03-04), which has no time zone.
export function dayInWords(day, language) {
  const options = { weekday: "short", year: "numeric", month: "long", day: "numeric", timeZone: "UTC" };
  return new Intl.DateTimeFormat(language, options).format(new Date(day + "T00:00:00Z"));
}

// The day of an instant where the browser is.
function dayTitle(at, language) {
  const midnight = (date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  const days = Math.round((midnight(at) - midnight(new Date())) / 86400000);
  if (days === 0 || days === -1) {
    return new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(days, "day");
  }
  const options = { weekday: "long", month: "long", day: "numeric" };
  if (at.getFullYear() !== new Date().getFullYear()) options.year = "numeric";
  return new Intl.DateTimeFormat(language, options).format(at);
}

// `act(event)` is called with what the patient does; `texts` and `language` are the page's.
export function build(line, { texts, language, act }) {
  const message = line.message;
  const at = line.at ? new Date(line.at) : new Date();
  const words = message ? message.text : line.day ? dayInWords(line.day, language)
    : line.media ? fileInWords(line, texts, language) : line.text;
  const who = line.by ? line.by.name + (line.by.doctor ? " · " + texts.doctor : "")
    : { patient: texts.you, clinic: texts.clinic, staff: texts.staff }[line.side];
  const bubble = make("div", { className: "bubble" });
  if (line.side === "staff") bubble.append(make("p", { className: "who", dir: "auto" }, who));
  else bubble.append(unseen(who + ": "));
  if (message && message.urgent) {
    bubble.append(make("p", { className: "warning" }, texts.important));
  }
  if (message && message.picture) bubble.append(picture(message.picture));
  if (line.erased) bubble.append(make("p", { className: "erased" }, texts.erased));
  else if (words) bubble.append(make("p", { className: "words", dir: "auto" }, words));
  if (line.preview) bubble.append(make("img", { className: "preview", src: line.preview, alt: "" }));
  const element = make("div", { className: "line " + line.side, tabIndex: -1 });
  element.append(make("h2", { className: "day", hidden: true }, dayTitle(at, language)), bubble);
  if (message) {
    if (message.language) bubble.lang = message.language;
    if (message.urgent) element.classList.add("urgent");
    if (message.card) bubble.append(card(message.card));
    const answers = controls(message, texts, language, act);
    if (answers.childElementCount) element.append(answers);
  }
  const clock = new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit" });
  element.append(make("p", { className: "meta" },
    line.at && make("time", { dateTime: line.at }, clock.format(at)),
    line.media && make("progress", { max: 1, value: 0, hidden: true, ariaLabel: texts.sending }),
    make("span", { className: "state" })));
  element.dataset.day = at.toDateString();
  return element;
}

// Of our own host only. The words below say the same, so a picture that does not come is no loss.
function picture({ path, alt, width, height }) {
  return make("img", { className: "picture", src: path, alt, width, height, decoding: "async" });
}

// "Photo, 2.4 MB"
function fileInWords({ media, size }, texts, language) {
  const digits = new Intl.NumberFormat(language, { maximumFractionDigits: 1, minimumFractionDigits: 0 });
  return `${texts[media] || texts.file}, ${digits.format(Math.max(size / 1048576, 0.1))} MB`;
}

function card({ title, rows }) {
  const table = make("dl");
  for (const [label, value] of rows) {
    table.append(make("div", {}, make("dt", {}, isolated(label)), make("dd", {}, isolated(value))));
  }
  return make("div", { className: "card" }, make("h3", { dir: "auto" }, title), rows.length && table);
}

function controls(message, texts, language, act) {
  const answers = make("div", { className: "answers" });
  if (message.language) answers.lang = message.language;
  const groups = { choices: [], ways: [] };
  for (const { label, token, role } of message.buttons) {
    const button = make("button", { type: "button", className: role }, isolated(label));
    button.dataset.token = token;
    button.addEventListener("click", () => act({ kind: "press", token, label }));
    groups[role === "navigation" ? "ways" : "choices"].push(button);
  }
  // Under a list of days the picker is for those who look further; alone it is the answer.
  const picker = message.date && (message.date.typed ? dayFields : dayPicker)(message.date, texts, language, act);
  const pickerLast = groups.choices.length > 1;
  if (picker && !pickerLast) answers.append(picker);
  if (message.contact) answers.append(phoneField(message.contact, texts, act));
  for (const [name, buttons] of Object.entries(groups)) {
    const group = make("div", { className: name }, ...buttons);
    const widest = Math.max(...buttons.map((button) => columns(button.textContent)));
    if (widest <= 8) group.classList.add("short");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", texts.choices);
    if (name === "ways" && picker && pickerLast) answers.append(picker);
    if (name === "ways" && message.links.length) answers.append(...message.links.map(link));
    if (buttons.length) answers.append(group);
  }
  return answers;
}

const columns = (text) => Array.from(text).reduce((sum, sign) => sum + (sign > "\u2e80" ? 2 : 1), 0);

function link({ label, url }) {
  if (!url || !OPENED.test(url)) return make("p", { className: "link" }, isolated(label));
  const anchor = make("a", { href: url, className: "link" }, isolated(label));
  if (!/^tel:/i.test(url)) Object.assign(anchor, { target: "_blank", rel: "noopener noreferrer" });
  return anchor;
}

function dayPicker({ label, token, initial, earliest, latest }, texts, language, act) {
  const input = make("input", { type: "date", min: earliest, max: latest, value: initial, required: true });
  const range = texts.day_range
    .replace("{from}", dayInWords(earliest, language))
    .replace("{to}", dayInWords(latest, language));
  const given = () => act({ kind: "pick", token, day: input.value });
  // Browsers write days in their own language, which need not be the reader's.
  const picked = make("p", { className: "picked" }, dayInWords(initial, language));
  picked.setAttribute("role", "status");
  input.addEventListener("input", () => {
    picked.textContent = input.validity.valid ? dayInWords(input.value, language) : "";
  });
  const form = field(input, label, texts.choose_day, range, () => input.validity.valid, given);
  input.after(picked);
  return form;
}

// A day long ago, in figures: year, month and day in the order of the language, and nothing preset.
function dayFields({ label, token, earliest, latest }, texts, language, act) {
  const name = "field" + ++fields;
  const input = (part, size, autocomplete) => Object.assign(document.createElement("input"), {
    type: "text", inputMode: "numeric", maxLength: size, size, autocomplete, id: `${name}-${part}`,
  });
  const parts = { year: input("year", 4, "bday-year"), month: input("month", 2, "bday-month"), day: input("day", 2, "bday-day") };
  const order = /^(ja|zh)/.test(language) ? ["year", "month", "day"] : ["day", "month", "year"];
  const digits = (part) => parts[part].value.normalize("NFKC").replace(/\D/g, "");
  const given = () => [digits("year").padStart(4, "0"), digits("month").padStart(2, "0"), digits("day").padStart(2, "0")].join("-");
  const right = () => {
    const day = given(), at = new Date(day + "T00:00:00Z"); // 31 April would become 1 May
    return !isNaN(at) && at.toISOString().startsWith(day) && day >= earliest && day <= latest;
  };
  const range = texts.day_range
    .replace("{from}", dayInWords(earliest, language)).replace("{to}", dayInWords(latest, language));
  const picked = make("p", { className: "picked" });
  picked.setAttribute("role", "status");
  const wrong = make("p", { className: "wrong", id: name + "-wrong" });
  wrong.setAttribute("role", "alert");
  const row = make("div", { className: "figures" }, ...order.map((part) => {
    parts[part].setAttribute("aria-describedby", wrong.id);
    parts[part].addEventListener("input", () => {
      wrong.textContent = "";
      picked.textContent = right() ? dayInWords(given(), language) : "";
    });
    return make("div", {}, make("label", { htmlFor: parts[part].id }, texts[part]), parts[part]);
  }));
  const form = make("form", { className: "field", noValidate: true },
    make("fieldset", {}, make("legend", {}, isolated(label)), row), picked, wrong,
    make("button", { type: "submit", className: "primary" }, texts.choose_day));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    wrong.textContent = right() ? "" : range;
    for (const part of order) parts[part].setAttribute("aria-invalid", String(!right()));
    if (right()) act({ kind: "pick", token, day: given() });
    else parts[order[0]].focus();
  });
  return form;
}

function phoneField({ label, token }, texts, act) {
  const input = make("input", { type: "tel", autocomplete: "tel", maxLength: 30 });
  const digits = () => input.value.normalize("NFKC").replace(/[^+\d]/g, "");
  const right = () => /^\+?\d{6,15}$/.test(digits());
  const given = () => act({ kind: "contact", token, phone: digits() });
  return field(input, label, texts.send_phone, texts.phone_wrong, right, given);
}

let fields = 0;

function field(input, label, button, hint, right, given) {
  const name = "field" + ++fields;
  input.id = name;
  const wrong = make("p", { className: "wrong", id: name + "-wrong" });
  wrong.setAttribute("role", "alert");
  input.setAttribute("aria-describedby", wrong.id);
  input.addEventListener("input", () => { wrong.textContent = ""; });
  const form = make("form", { className: "field", noValidate: true },
    make("label", { htmlFor: name }, isolated(label)), input, wrong,
    make("button", { type: "submit", className: "primary" }, button));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    wrong.textContent = right() ? "" : hint;
    input.setAttribute("aria-invalid", String(!right()));
    if (right()) given();
    else input.focus();
  });
  return form;
}

// What is over can be read, but not pressed; what was chosen says so.
export function settle(element, over, chosen, texts) {
  for (const control of element.querySelectorAll(".answers button, .answers input")) {
    control.disabled = over;
    const picked = chosen.has(control.dataset.token);
    if (picked && !control.classList.contains("chosen")) control.append(unseen(" (" + texts.chosen + ")"));
    control.classList.toggle("chosen", picked);
  }
}

// How much of a file has gone, from 0 to 1.
export function progress(element, part) {
  const bar = element.querySelector("progress");
  if (bar) Object.assign(bar, { value: part, hidden: !part });
}

// Under a line of the patient that is not sent: "sending", "waiting" or "failed"; "" when it is.
// `why`: the key of what is to be said of a failure.
export function mark(element, state, texts, remove, why) {
  element.dataset.state = state;
  const place = element.querySelector(".state");
  place.replaceChildren(state ? texts[state] : "");
  if (state !== "sending") progress(element, 0);
  if (state === "failed") {
    if (why) place.append(" ", texts[why]);
    const button = make("button", { type: "button", className: "quiet" }, texts.remove);
    button.addEventListener("click", remove);
    place.append(" ", button);
  }
}
