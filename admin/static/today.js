// The page is drawn anew while somebody works on it: who stood on a button stays on it.
let stood = null;
document.addEventListener("htmx:before:swap", () => { stood = document.activeElement?.id || null; });
document.addEventListener("htmx:after:swap", () => {
  const there = stood && document.getElementById(stood);
  if (there && document.activeElement === document.body) there.focus({ preventScroll: true });
});
