// Runs before anything is drawn: the chosen look, else that of the system.
const system = matchMedia("(prefers-color-scheme: dark)");
function look() {
  const chosen = localStorage.getItem("theme");
  document.documentElement.dataset.bsTheme = chosen ?? (system.matches ? "dark" : "light");
}
system.addEventListener("change", look);
look();
