// One stream of server-sent events a page. What it names is fetched at once, by the addresses that
// the page polls by itself: where there is no stream, or it broke, the polling goes on as before.
(() => {
  const REST = 15000; // ms after which a part is looked at again although nothing was told
  const AGAIN = 20000; // ms until a stream that the server refused is asked for again
  let source = null;
  let open = false;
  const looked = new WeakMap();
  const parts = () => [...document.querySelectorAll("[data-live]")];
  const topics = () => [...new Set(parts().flatMap((part) => part.dataset.live.split(" ")))];

  // A part that is being asked for, or was drawn a moment ago, hears nothing: htmx would keep the
  // news for the old part and throw their answer away. It is looked at as soon as it can hear.
  const again = new Set(); // ids
  const presses = new Map(); // how many of one's own presses within a part are under way, by its id
  const busy = (part) => part.matches(".htmx-request, .htmx-added") || presses.get(part.id) > 0;
  function look(part) {
    if (busy(part)) return void again.add(part.id);
    looked.set(part, performance.now());
    part.dispatchEvent(new Event(part.dataset.live ? "live" : "every"));
  }
  function catchUp() {
    for (const id of [...again]) {
      const part = document.getElementById(id);
      if (part && busy(part)) continue;
      again.delete(id);
      if (part) look(part);
    }
  }
  // After htmx has tidied up, which it does right after it has told.
  const soon = () => queueMicrotask(catchUp);
  document.addEventListener("htmx:after:swap", soon);

  // What a part says that was asked for before one's own press was answered may be older than that
  // answer, and would take the pressed button away: it is not shown, but asked for again.
  let count = 0;
  const began = new WeakMap(); // by request: the number of its beginning
  const answered = new Map(); // by id of a part: the number of the last press's end
  const pressedIn = (ctx) => {
    const part = ctx.sourceElement.closest("[data-live]");
    return part && part !== ctx.sourceElement ? part.id : null;
  };
  const within = new WeakMap(); // by request: the id of the part that it was pressed in
  document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
    began.set(ctx, ++count);
    const id = pressedIn(ctx);
    if (!id) return;
    within.set(ctx, id);
    presses.set(id, (presses.get(id) ?? 0) + 1);
  });
  document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
    const id = within.get(ctx);
    if (id) {
      within.delete(ctx);
      presses.set(id, presses.get(id) - 1);
      answered.set(id, ++count);
      again.add(id);
    }
    soon();
  });

  // What lies under a pressed mouse button stays until it is released, else nothing was clicked.
  // Not for long: an emergency waits for no finger.
  const HELD = 2000; // ms
  let down = 0; // the timer
  function release() {
    if (!down) return;
    clearTimeout(down);
    down = 0;
    setTimeout(catchUp); // the click comes first
  }
  addEventListener("pointerdown", (event) => {
    release();
    if (event.button === 0) down = setTimeout(release, HELD);
  }, true);
  for (const kind of ["pointerup", "pointercancel", "blur"]) addEventListener(kind, release, true);
  document.addEventListener("htmx:before:swap", (event) => {
    const { ctx } = event.detail;
    const part = ctx.sourceElement;
    if (!part.matches("[hx-trigger^=every]")) return;
    if (!down && !(presses.get(part.id) > 0) && !(began.get(ctx) < answered.get(part.id))) return;
    event.preventDefault();
    again.add(part.id);
  });

  function told(topic, id) {
    for (const part of parts()) {
      const whose = part.dataset.liveId;
      if (part.dataset.live.split(" ").includes(topic) && (!id || !whose || whose === id)) look(part);
    }
  }
  function close() {
    source?.close();
    source = null;
    open = false;
    delete document.documentElement.dataset.live;
  }
  function connect() {
    // A browser opens six connections to one place: pages that nobody sees leave theirs to others.
    if (source || document.hidden || !topics().length) return;
    source = new EventSource(`/live/events?topics=${topics().join(",")}`);
    source.addEventListener("ready", () => {
      open = true;
      document.documentElement.dataset.live = "yes";
      parts().forEach(look); // what changed while nobody told
    });
    for (const topic of topics()) source.addEventListener(topic, (event) => told(topic, event.data));
    source.addEventListener("over", () => { close(); parts().forEach(look); setTimeout(connect, AGAIN); });
    source.addEventListener("error", () => {
      open = false;
      delete document.documentElement.dataset.live;
      if (source?.readyState === EventSource.CLOSED) { close(); setTimeout(connect, AGAIN); }
    });
  }

  // While changes are told there is no need to ask for them all the time.
  document.addEventListener("every", (event) => {
    if (!open || !event.target.dataset?.live) return;
    if (performance.now() - (looked.get(event.target) ?? -REST) < REST) event.stopImmediatePropagation();
    else looked.set(event.target, performance.now());
  }, true);
  // What had the focus has it again in the part that came instead. What somebody left by Escape or
  // by pressing elsewhere does not: the next key would be written into it.
  let focused = null;
  document.addEventListener("htmx:before:swap", () => {
    const now = document.activeElement;
    if (now && now !== document.body) focused = now.id || null; // else two parts come one after the other
  });
  document.addEventListener("htmx:after:swap", () => {
    const lost = document.activeElement === document.body && document.getElementById(focused);
    if (lost) lost.focus({ preventScroll: true });
  });
  document.addEventListener("pointerdown", () => { focused = null; }, true);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") focused = null; }, true);
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : connect()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", connect);
  connect();
})();
