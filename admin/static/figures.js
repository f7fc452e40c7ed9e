// Draws the charts of a page. Each stands above a table with the same numbers.
const DASHES = [[], [6, 4], [2, 3], [10, 3, 2, 3]];
const POINTS = ["circle", "rectRot", "triangle", "rect"];
const charts = [];

// Bars are told apart by their pattern as well as by colour.
function hatched(colour, number) {
  if (!number) return colour;
  const tile = Object.assign(document.createElement("canvas"), { width: 8, height: 8 });
  const pen = tile.getContext("2d");
  pen.fillStyle = colour;
  pen.globalAlpha = 0.35;
  pen.fillRect(0, 0, 8, 8);
  pen.globalAlpha = 1;
  pen.strokeStyle = colour;
  pen.lineWidth = 2;
  pen.beginPath();
  for (const x of [-8, 0, 8]) { pen.moveTo(x, 8); pen.lineTo(x + 8, 0); }
  pen.stroke();
  return pen.createPattern(tile, "repeat");
}

// A long name in several lines, at its spaces where it has some.
function folded(name, most) {
  const lines = [""];
  for (const word of name.split(/(?<=\s)/).flatMap((one) => one.match(new RegExp(`.{1,${most}}`, "gu")))) {
    if (lines.at(-1) && (lines.at(-1) + word).length > most) lines.push("");
    lines[lines.length - 1] += word;
  }
  return lines;
}

function draw(canvas) {
  const { kind, labels, series, percent, marks, zero } = JSON.parse(canvas.dataset.figure);
  const look = getComputedStyle(document.documentElement);
  const paint = (name) => look.getPropertyValue(`--figure-${name}`).trim();
  const ink = paint("ink"), grid = paint("grid");
  const language = document.documentElement.lang;
  const write = (value) => new Intl.NumberFormat(language).format(value) + (percent ? " %" : "");
  const flat = kind === "flat", line = kind === "line";
  const behind = ({ datasetIndex, index }) => series[datasetIndex]?.values[index] && series[datasetIndex].urls?.[index];
  const names_of = flat ? labels.map((one) => folded(one, canvas.parentElement.clientWidth < 500 ? 14 : 28)) : labels;
  const numbers = { beginAtZero: zero, stacked: kind === "stacked", grid: { color: grid }, ticks: { color: ink, callback: write, precision: percent ? undefined : 0 } };
  const names = { stacked: kind === "stacked", grid: { display: false }, ticks: { color: ink, autoSkip: !flat } };
  return new Chart(canvas, {
    type: line ? "line" : "bar",
    data: {
      labels: names_of,
      datasets: series.map((one, number) => {
        const colour = paint(1 + (number % 4));
        return {
          label: one.name,
          data: one.values,
          borderColor: colour,
          backgroundColor: line ? colour : hatched(colour, number),
          borderWidth: line ? 2 : 1,
          borderDash: line ? DASHES[number % 4] : [],
          pointStyle: POINTS[number % 4],
          pointRadius: 3,
          maxBarThickness: 40,
        };
      }).concat(marks.map((one) => ({
        label: one.name,
        data: labels.map(() => one.at),
        borderColor: ink,
        backgroundColor: ink,
        borderWidth: 1,
        borderDash: [2, 4],
        pointStyle: "line",
        pointRadius: 0,
        pointHoverRadius: 0,
      }))),
    },
    options: {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      indexAxis: flat ? "y" : "x",
      // A bar or point leads to the same list as the number in the table.
      onClick: (_, [hit]) => { const url = hit && behind(hit); if (url) location.assign(url); },
      onHover: ({ native }, [hit]) => { native.target.style.cursor = hit && behind(hit) ? "pointer" : ""; },
      scales: flat ? { x: numbers, y: names } : { x: names, y: numbers },
      plugins: {
        legend: { display: series.length + marks.length > 1, labels: { color: ink, usePointStyle: line, boxWidth: line ? 8 : 24, boxHeight: line ? 8 : 12 } },
        tooltip: { callbacks: { label: (item) => `${item.dataset.label}: ${write(flat ? item.parsed.x : item.parsed.y)}` } },
      },
    },
  });
}

function redraw() {
  while (charts.length) charts.pop().destroy();
  for (const canvas of document.querySelectorAll("canvas[data-figure]")) charts.push(draw(canvas));
}
redraw();
new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });

// On paper everything is light, and tables are open.
let before;
addEventListener("beforeprint", () => {
  const root = document.documentElement;
  before = { theme: root.dataset.bsTheme, shut: [...document.querySelectorAll("details.figure-table:not([open])")] };
  root.dataset.bsTheme = "light";
  for (const one of before.shut) one.open = true;
  redraw();
});
addEventListener("afterprint", () => {
  document.documentElement.dataset.bsTheme = before.theme;
  for (const one of before.shut) one.open = false;
});
