// Shows the chat on a clinic's own site. One tag does it:
//   <script src="https://clinic.example/chat/embed.js" async></script>
// data-lang: ja, en, zh-Hant, zh-Hans or ru (default: the site's own); data-start: a link code;
// data-color, data-ink: background and text of the button. Nothing is loaded before it is pressed.

(() => {
  const script = document.currentScript;
  const base = new URL(".", script.src);
  const WORDS = {
    ja: ["クリニックに相談", "チャットを閉じる"],
    en: ["Chat with the clinic", "Close the chat"],
    "zh-Hant": ["與診所對話", "關閉對話"],
    "zh-Hans": ["与诊所对话", "关闭对话"],
    ru: ["Чат с клиникой", "Закрыть чат"],
  };

  function languageOf(tag) {
    if (/^zh/i.test(tag)) return /hant|tw|hk|mo/i.test(tag) ? "zh-Hant" : "zh-Hans";
    return WORDS[tag] ? tag : tag.split("-")[0].toLowerCase();
  }

  const STYLE = `
    :host { all: initial; }
    button { font: 600 1.125rem/1.3 system-ui, "Hiragino Sans", "Noto Sans CJK JP", sans-serif; min-height: 3.25rem;
      padding: .6rem 1.25rem; border: 2px solid var(--ink, #fff); border-radius: 2rem; cursor: pointer;
      color: var(--ink, #fff); background: var(--color, #0b5f57); box-shadow: 0 2px 10px #0005; }
    button:focus-visible { outline: 3px solid var(--color, #0b5f57); outline-offset: 3px; }
    .launch { position: fixed; right: max(1rem, env(safe-area-inset-right)); bottom: max(1rem, env(safe-area-inset-bottom));
      z-index: 2147483000; max-width: calc(100vw - 2rem); }
    .panel { position: fixed; right: 1rem; bottom: 1rem; z-index: 2147483001; display: flex; flex-direction: column;
      width: min(28rem, calc(100vw - 2rem)); height: min(46rem, calc(100vh - 2rem)); overflow: hidden;
      border: 1px solid #5a6b68; border-radius: 1rem; background: Canvas; box-shadow: 0 6px 30px #0006; }
    .panel button { border-radius: 0; border: 0; box-shadow: none; min-height: 3rem; }
    .panel button:focus-visible { outline-color: var(--ink, #fff); outline-offset: -5px; }
    iframe { flex: 1; width: 100%; border: 0; background: Canvas; }
    [hidden] { display: none; }
    @media (max-width: 40rem), (max-height: 34rem) {
      .panel { inset: 0; width: auto; height: auto; border: 0; border-radius: 0; }
    }
    @media print { :host { display: none; } }`;

  function element(name, attributes, text) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text) made.textContent = text;
    return made;
  }

  function style(root) {
    try { // a sheet made this way is allowed by every policy of the site; Safari has it since 16.4
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      root.adoptedStyleSheets = [sheet];
    } catch {
      root.append(element("style", {}, STYLE));
    }
  }

  function install() {
    const found = languageOf(script.dataset.lang || document.documentElement.lang || navigator.language);
    const language = WORDS[found] ? found : "en";
    const [open, close] = WORDS[language];
    const host = element("div", { lang: language });
    if (script.dataset.color) host.style.setProperty("--color", script.dataset.color);
    if (script.dataset.ink) host.style.setProperty("--ink", script.dataset.ink);
    const root = host.attachShadow({ mode: "open" });
    style(root);
    const launch = element("button", { type: "button", class: "launch", "aria-haspopup": "dialog", "aria-expanded": "false" }, open);
    const panel = element("div", { class: "panel", role: "dialog", "aria-label": open });
    const shut = element("button", { type: "button" }, close);
    panel.hidden = true;
    panel.append(shut);
    root.append(launch, panel);
    document.body.append(host);
    let frame = null;

    function toggle(opened) {
      if (opened && !frame) {
        const page = new URL("../chat", base);
        page.searchParams.set("lang", language);
        if (script.dataset.start) page.searchParams.set("start", script.dataset.start);
        frame = element("iframe", { src: page.href, title: open, referrerpolicy: "no-referrer" });
        panel.append(frame);
      }
      panel.hidden = !opened;
      launch.hidden = opened;
      launch.setAttribute("aria-expanded", String(opened));
      if (opened) frame.focus();
      else launch.focus();
    }

    launch.addEventListener("click", () => toggle(true));
    shut.addEventListener("click", () => toggle(false));
    root.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !panel.hidden) toggle(false);
    });
    addEventListener("message", (event) => {
      if (frame && event.source === frame.contentWindow && event.data === "kayoi-chat:close") toggle(false);
    });
  }

  if (document.body) install();
  else addEventListener("DOMContentLoaded", install);
})();
