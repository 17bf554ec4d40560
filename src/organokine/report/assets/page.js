"use strict";
(function () {
  const config = {
    displaylogo: false,
    responsive: true,
    modeBarButtonsToRemove: ["lasso2d", "select2d", "autoScale2d"],
    toImageButtonOptions: { format: "svg" },
  };
  const isTouch = window.matchMedia("(pointer: coarse)").matches;

  /* Plots: drawn when they come into sight, so that a page with a hundred of them opens at once. */

  function draw(area) {
    if (area.dataset.drawn === "yes" || area.offsetParent === null) return;
    area.dataset.drawn = "yes";
    const figure = JSON.parse(document.getElementById(area.dataset.figure).textContent);
    // On a touch screen a drag inside a plot would trap the finger that wants to scroll the page.
    if (isTouch) figure.layout.dragmode = false;
    Plotly.newPlot(area, figure.data, figure.layout, config);
  }

  const areas = Array.from(document.querySelectorAll(".plot-area"));
  const watcher = new IntersectionObserver(
    function (entries) {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        draw(entry.target);
        if (entry.target.dataset.drawn === "yes") watcher.unobserve(entry.target);
      }
    },
    { rootMargin: "400px" },
  );
  areas.forEach((area) => watcher.observe(area));

  /* Cards */

  const cards = Array.from(document.querySelectorAll("details.card"));
  const openAll = document.querySelector("[data-open-all]");
  if (openAll !== null) {
    openAll.addEventListener("click", function () {
      const isOpening = cards.some((card) => !card.open);
      cards.forEach((card) => (card.open = isOpening));
      openAll.textContent = isOpening ? "Close all cards" : "Open all cards";
    });
  }

  function openNamed() {
    const named = document.getElementById(location.hash.slice(1));
    if (named === null || !named.matches("details")) return;
    for (let fold = named; fold !== null; fold = fold.parentElement.closest("details")) fold.open = true;
    named.scrollIntoView();
  }
  window.addEventListener("hashchange", openNamed);
  openNamed();

  /* Printing: everything is opened and drawn at the width of a sheet, and put back afterwards. */

  const PRINT_WIDTH = { small: 320, wide: 660 };
  let openBefore = null;

  function beforePrint() {
    if (openBefore !== null) return;
    const folds = Array.from(document.querySelectorAll("details"));
    openBefore = folds.map((fold) => fold.open);
    folds.forEach((fold) => (fold.open = true));
    for (const area of areas) {
      draw(area);
      const width = area.closest(".small") === null ? PRINT_WIDTH.wide : PRINT_WIDTH.small;
      Plotly.relayout(area, { width: width, autosize: false });
    }
  }

  function afterPrint() {
    if (openBefore === null) return;
    const folds = Array.from(document.querySelectorAll("details"));
    areas.forEach((area) => Plotly.relayout(area, { width: null, autosize: true }));
    folds.forEach((fold, place) => (fold.open = openBefore[place]));
    openBefore = null;
  }

  window.addEventListener("beforeprint", beforePrint);
  window.addEventListener("afterprint", afterPrint);

  /* The table that is sorted, searched and filtered */

  const controls = document.querySelector("[data-controls]");
  if (controls === null) return;
  const table = document.getElementById(controls.dataset.controls);
  const body = table.tBodies[0];
  const rows = Array.from(body.rows);
  const headings = Array.from(table.tHead.rows[0].cells);
  const search = controls.querySelector("[data-search]");
  const selects = Array.from(controls.querySelectorAll("select[data-filter]"));
  const count = controls.querySelector("[data-count]");
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

  function sortBy(place, direction) {
    const isNumber = headings[place].classList.contains("number") || headings[place].classList.contains("integer");
    const keyed = rows.map((row, order) => ({ row, order, key: row.cells[place].dataset.sort }));
    keyed.sort(function (a, b) {
      // Missing stands last in either direction: it is neither small nor large.
      if (a.key === "" || b.key === "") return (a.key === "") - (b.key === "") || a.order - b.order;
      const difference = isNumber ? Number(a.key) - Number(b.key) : collator.compare(a.key, b.key);
      return direction * difference || a.order - b.order;
    });
    body.append(...keyed.map((each) => each.row));
    headings.forEach(function (heading, index) {
      const word = direction > 0 ? "ascending" : "descending";
      heading.setAttribute("aria-sort", index === place ? word : "none");
    });
  }

  headings.forEach(function (heading, place) {
    heading.querySelector("button").addEventListener("click", function () {
      sortBy(place, heading.getAttribute("aria-sort") === "ascending" ? -1 : 1);
    });
  });

  function chosen(value, select) {
    return select.dataset.rule === "least" ? Number(value) >= Number(select.value) : value === select.value;
  }

  function filter() {
    const wanted = search.value.trim().toLowerCase().split(/\s+/);
    let shown = 0;
    rows.forEach(function (row, order) {
      const fits =
        wanted.every((word) => texts[order].includes(word)) &&
        selects.every((select) => select.value === "" || chosen(row.dataset[select.dataset.filter], select));
      row.hidden = !fits;
      shown += fits ? 1 : 0;
    });
    if (shown === 0) {
      // An empty search says nothing about what was measured: only the first rows are on the page.
      count.textContent = count.dataset.none;
    } else {
      count.textContent = shown === rows.length ? `${shown} rows` : `${shown} of ${rows.length} rows`;
    }
  }
  [search, ...selects].forEach((control) => control.addEventListener("input", filter));
  const allColumns = controls.querySelector("[data-all-columns]");
  if (allColumns !== null) {
    allColumns.addEventListener("change", () => table.classList.toggle("compact", !allColumns.checked));
  }
})();
