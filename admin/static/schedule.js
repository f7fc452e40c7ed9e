// The calendar's grid. All it does can also be done by the table, the card and the forms beside it.
const grid = document.getElementById("calendar");
const told = document.getElementById("calendar-told");
const dialog = document.getElementById("calendar-dialog");
const given = grid.dataset;
const AGAIN = 20_000; // ms between looks at what changed
let mark = "";
let looked = 0; // looks at what changed, numbered
let drawn = 0; // the look that is drawn: what an older one saw comes too late

const pad = (n) => String(n).padStart(2, "0");
const wall = (at) => `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}T${pad(at.getHours())}:${pad(at.getMinutes())}`;
const line = (name, words) => {
  const span = document.createElement("span");
  span.className = name;
  span.textContent = words;
  return span;
};

// One line above the calendar, with a button to take back what was just done.
let hiding;
function tell(words, undo, refused) {
  const box = line(`alert calendar-done${refused ? " is-refused" : ""}`, "");
  box.append(line("", words));
  if (undo) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn";
    button.textContent = given.undo;
    button.addEventListener("click", undo);
    box.append(button);
  }
  told.replaceChildren(box);
  clearTimeout(hiding);
  hiding = setTimeout(() => told.replaceChildren(), Number(given.undoMs));
}

async function refresh(force) {
  const number = ++looked;
  const answer = await fetch(`${given.events}&seen=${force ? "" : encodeURIComponent(mark)}`, { headers: { "HX-Request": "true" } });
  if (answer.status === 401) return location.reload();
  if (answer.status !== 200) return;
  const found = await answer.json();
  if (number <= drawn) return;
  drawn = number;
  mark = found.mark;
  calendar.setOption("events", found.events);
}

async function move(visit, fields) {
  drawn = looked; // whoever looks already sees the visit where it was
  const answer = await fetch(`/calendar/visits/${visit}/move`, {
    method: "POST",
    headers: { Accept: "application/json", "X-CSRF-Token": given.csrf },
    body: new URLSearchParams(fields),
  });
  if (answer.status === 401) location.reload();
  return answer.headers.get("Content-Type")?.startsWith("application/json") ? answer.json() : { moved: false, why: given.failed };
}

async function drop({ event, newResource, revert }) {
  const was = event.extendedProps;
  const fields = { version: was.version, starts: wall(event.start), practitioner: was.practitioner, site: was.site };
  if (newResource && given.by === "practitioner") fields.practitioner = newResource.id;
  if (newResource && given.by === "room") fields.room = newResource.id;
  if (newResource && given.by === "site") Object.assign(fields, { site: newResource.id, column: "site" });
  let answer;
  try {
    answer = await move(was.visit, fields);
  } catch {
    answer = { moved: false, why: given.failed };
  }
  if (!answer.moved) {
    revert();
    tell(answer.why, null, true);
    return refresh(true);
  }
  tell(`${answer.at} ${given.moved} ${answer.told ? given.told : given.call}`, async () => {
    const back = await move(was.visit, { ...answer.undo, version: answer.version, column: "site", undo: "yes" });
    tell(back.moved ? given.undone : back.why, null, !back.moved);
    refresh(true);
  });
  refresh(true);
}

// What is in the dialog is of the visit that was pressed last, or nothing.
const card = document.getElementById("calendar-card");
let opened = 0;
async function open({ event, jsEvent }) {
  jsEvent.preventDefault(); // the link inside is for those who come by keyboard or open a tab
  const { visit, block } = event.extendedProps;
  const number = ++opened;
  card.replaceChildren();
  if (block) {
    const form = document.getElementById(`block-${block}`);
    card.replaceChildren(line("seen-who", event.title), form.cloneNode(true));
    return dialog.showModal();
  }
  if (!visit) return;
  const answer = await fetch(`/calendar/visits/${visit}`, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (answer?.status === 401) return location.reload();
  const words = answer?.ok && (await answer.text().catch(() => ""));
  if (number !== opened) return; // another was pressed meanwhile
  if (!words) return tell(given.failed, null, true);
  card.innerHTML = words; // our own template, which escapes everything
  htmx.process(card);
  dialog.showModal();
}

function content({ title, extendedProps: { visit, block, begins, service } }) {
  if (!visit && !block) return line("", "");
  const link = document.createElement("a");
  link.href = visit ? `/calendar/visits/${visit}` : `#block-${block}`;
  link.draggable = false;
  if (visit) link.append(line("seen-when", begins.slice(11, 16)), " ");
  link.append(line("seen-who", title));
  if (visit) link.append(line("seen-what", service));
  return link;
}

// A click books; a stretch that is drawn blocks.
function go(path, at, until, resource) {
  const query = new URLSearchParams({ at: wall(at) });
  if (until) query.set("until", wall(until));
  const column = { practitioner: path === "book" ? "practitioner" : "resource", room: path === "book" ? "room" : "resource", site: "site" }[given.by];
  if (resource && Number(resource.id)) query.set(column, resource.id);
  if (given.who && !query.has("practitioner")) query.set("practitioner", given.who);
  if (given.site && !query.has("site")) query.set("site", given.site);
  location.assign(`/calendar/${path}?${query}`);
}

const calendar = EventCalendar.create(grid, {
  view: given.span === "week" ? "resourceTimeGridWeek" : "resourceTimeGridDay",
  date: given.first,
  firstDay: 1,
  locale: given.locale,
  headerToolbar: { start: "", center: "", end: "" },
  allDaySlot: false,
  datesAboveResources: true,
  columnWidth: given.span === "week" ? "minmax(7.5rem, 1fr)" : "minmax(9rem, 1fr)",
  slotMinTime: given.from,
  slotMaxTime: given.to,
  flexibleSlotTimeLimits: true,
  slotDuration: "00:15",
  slotLabelInterval: "01:00",
  snapDuration: "00:05",
  slotHeight: 26,
  slotLabelFormat: { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  nowIndicator: true,
  selectable: true,
  selectMinDistance: 8,
  selectLongPressDelay: 600,
  eventStartEditable: true,
  eventDurationEditable: false,
  resources: JSON.parse(given.columns).map(([id, title]) => ({ id, title })),
  events: [],
  eventContent: ({ event }) => ({ domNodes: [content(event)] }),
  eventDidMount: ({ el }) => ["role", "tabindex"].forEach((name) => el.removeAttribute(name)),
  eventClick: open,
  eventDrop: drop,
  dateClick: ({ date, resource }) => go("book", date, null, resource),
  select: ({ start, end, resource }) => go("block", start, end, resource),
});

function look() {
  grid.classList.toggle("ec-dark", document.documentElement.dataset.bsTheme === "dark");
}
new MutationObserver(look).observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
look();
grid.hidden = false;
refresh(true);
// A link in each visit is what can be reached by keyboard, and the table for readers is the one
// of the list: what is drawn here by columns is none.
const TABLE = ["role", "aria-colspan", "aria-rowspan", "aria-colindex", "aria-rowindex", "aria-colcount", "aria-rowcount"];
function plain() {
  for (const one of grid.querySelectorAll(TABLE.map((name) => `[${name}]`))) TABLE.forEach((name) => one.removeAttribute(name));
  // A day without visits has no link to reach it by, and must still be scrolled without a mouse.
  const hours = grid.querySelector(".ec-main");
  if (hours && hours.tabIndex < 0) hours.tabIndex = 0;
}
new MutationObserver(plain).observe(grid, { childList: true, subtree: true });
plain();
setInterval(() => document.visibilityState === "visible" && refresh(false), AGAIN);
dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
