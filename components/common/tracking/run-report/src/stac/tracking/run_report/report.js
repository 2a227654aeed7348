"use strict";
// Colours: as the system, light or dark; remembered, and set by #light or #dark in the address.
const themes = { auto: "Auto", light: "Light", dark: "Dark" };
const toggle = document.getElementById("theme");

function remembered(theme) {
  try {
    if (theme) localStorage.setItem("run-report-theme", theme);
    return localStorage.getItem("run-report-theme");
  } catch {
    return null; // the browser lets pages on disk remember nothing
  }
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  toggle.querySelector(".label").textContent = themes[theme];
  toggle.setAttribute("aria-label", `Colours: ${themes[theme]}`);
}

const wanted = [location.hash.slice(1), remembered()].find((name) => name in themes);
setTheme(wanted || "auto");
toggle.addEventListener("click", () => {
  const names = Object.keys(themes);
  const next = names[(names.indexOf(document.documentElement.dataset.theme) + 1) % names.length];
  setTheme(next);
  remembered(next);
});

// Tables: a click on a column's head sorts by it, another click turns the order round.
const key = (row, column) => row.cells[column].dataset.sort ?? row.cells[column].textContent.trim();

function compare(a, b) {
  if (a === "" || b === "") return (a === "") - (b === ""); // nothing there: last
  return Number.isNaN(a - b) ? a.localeCompare(b, undefined, { numeric: true }) : a - b;
}

for (const button of document.querySelectorAll(".sortable thead button")) {
  button.addEventListener("click", () => {
    const head = button.parentElement;
    const order = head.ariaSort === "ascending" ? "descending" : "ascending";
    const body = head.closest("table").tBodies[0];
    const sign = order === "ascending" ? 1 : -1;
    const rows = [...body.rows].sort((a, b) => sign * compare(key(a, head.cellIndex), key(b, head.cellIndex)));
    for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
    head.ariaSort = order;
    body.append(...rows);
  });
}

// Filters: only rows that contain the words stay.
for (const box of document.querySelectorAll(".filter")) {
  box.addEventListener("input", () => {
    for (const row of document.querySelectorAll(box.dataset.rows)) {
      row.hidden = !row.textContent.toLowerCase().includes(box.value.trim().toLowerCase());
    }
  });
}

// Charts: the values at the step nearest to the pointer, or chosen with the arrow keys.
const digits = new Intl.NumberFormat("en", { maximumSignificantDigits: 5, useGrouping: false });
const show = (value) => (value === null ? "not finite" : digits.format(value));

for (const plot of document.querySelectorAll(".chart .plot")) {
  const { low, high, lines } = JSON.parse(plot.querySelector("script").textContent);
  const steps = [...new Set(lines.flatMap((line) => line.points.map(([step]) => step)))].sort((a, b) => a - b);
  const guide = plot.querySelector(".guide");
  const readout = plot.querySelector(".readout");
  let at = steps.length - 1;

  const nearest = (points, step) =>
    points.reduce((best, point) => (Math.abs(point[0] - step) < Math.abs(best[0] - step) ? point : best));

  function point(index) {
    at = Math.max(0, Math.min(steps.length - 1, index));
    const share = (steps[at] - low) / (high - low);
    const rows = lines.map((line) => {
      const [step, value] = nearest(line.points, steps[at]);
      return `${line.name}  ${show(value)}${step === steps[at] ? "" : `  (step ${show(step)})`}`;
    });
    readout.textContent = [`step ${show(steps[at])}`, ...rows].join("\n");
    guide.style.left = `${100 * share}%`;
    readout.style.left = share < 0.5 ? `calc(${100 * share}% + 10px)` : "auto";
    readout.style.right = share < 0.5 ? "auto" : `calc(${100 - 100 * share}% + 10px)`;
    guide.hidden = readout.hidden = false;
  }

  function hide() {
    guide.hidden = readout.hidden = true;
  }

  plot.addEventListener("pointermove", (event) => {
    const box = plot.getBoundingClientRect();
    const step = low + ((event.clientX - box.left) / box.width) * (high - low);
    point(steps.indexOf(nearest(steps.map((s) => [s]), step)[0]));
  });
  plot.addEventListener("pointerleave", hide);
  plot.addEventListener("blur", hide);
  plot.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
    if (move === undefined) return;
    event.preventDefault();
    point(readout.hidden ? at : at + move);
  });
}

// Figures: a click shows one large.
const dialog = document.getElementById("large");
for (const button of document.querySelectorAll(".zoom")) {
  button.addEventListener("click", () => {
    const image = button.querySelector("img");
    Object.assign(dialog.querySelector("img"), { src: image.src, alt: image.alt });
    dialog.showModal();
  });
}
dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());

// Commands: a button that copies, where the browser allows it.
for (const block of navigator.clipboard ? document.querySelectorAll("pre.copy") : []) {
  const text = block.textContent;
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: "Copy" });
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text).then(() => (button.textContent = "Copied"), () => {});
  });
  block.append(button);
}
