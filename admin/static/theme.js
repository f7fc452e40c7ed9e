// Runs before anything is drawn: the chosen look, else that of the system; paper is light.
const system = matchMedia("(prefers-color-scheme: dark)");
const paper = matchMedia("print");
function look() {
  const chosen = localStorage.getItem("theme") ?? (system.matches ? "dark" : "light");
  document.documentElement.dataset.bsTheme = paper.matches ? "light" : chosen;
}
system.addEventListener("change", look);
paper.addEventListener("change", look);
look();
