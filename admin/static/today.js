// The page is drawn anew while somebody works on it: who stood on a button stays on it, and who
// pressed one, which is gone then, stands on what takes it back.
let stood = null;
let pressed = null; // the visit
document.addEventListener("click", (event) => {
  pressed = event.target.closest(".visit-steps button")?.closest("li").id ?? null;
});
// The second click of a double one may fall on the button that came instead, which calls another.
document.addEventListener("click", (event) => {
  if (event.detail > 1 && event.target.closest("[id^=next-]")) event.preventDefault();
}, true);
document.addEventListener("htmx:before:swap", () => { stood = document.activeElement?.id || null; });
document.addEventListener("htmx:after:swap", () => {
  if (document.activeElement !== document.body) return;
  const there = (stood && document.getElementById(stood)) || (pressed && document.getElementById(`${pressed}-undo`));
  there?.focus({ preventScroll: true });
});
