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

  function look(part) {
    looked.set(part, performance.now());
    part.dispatchEvent(new Event("live"));
  }
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
  document.addEventListener("htmx:before:swap", () => { focused = document.activeElement?.id || focused; });
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
