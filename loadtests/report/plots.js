// Draws the plots of this page in its theme, anew when the theme changes, and at paper's width while it is printed.
"use strict";
(async () => {
  const root = document.documentElement;
  const places = () => [...document.querySelectorAll(".plot.drawn")];
  const PAPER_WIDTH = 650;
  const PAPER_HEIGHT = 0.75; // of the screen's
  const LEGEND_LINE = 24;
  const CONFIG = {
    displaylogo: false,
    plotlyServerURL: "",
    modeBarButtonsToRemove: ["lasso2d", "select2d", "autoScale2d"],
  };

  async function load() {
    const packed = Uint8Array.from(atob(document.getElementById("plotly").textContent.trim()), (c) => c.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    const script = document.createElement("script");
    script.textContent = await new Response(stream).text();
    document.head.append(script);
  }

  function colours() {
    const style = getComputedStyle(root);
    const of = (name) => style.getPropertyValue(name).trim();
    return { ink: of("--ink"), muted: of("--muted"), line: of("--line"), card: of("--card") };
  }

  function themed(layout) {
    const { ink, muted, line, card } = colours();
    const changes = {
      "font.color": muted,
      "hoverlabel.bgcolor": card,
      "hoverlabel.bordercolor": line,
      "hoverlabel.font.color": ink,
      "legend.font.color": ink,
      "modebar.bgcolor": "rgba(0,0,0,0)",
      "modebar.color": muted,
      "modebar.activecolor": ink,
    };
    for (const axis of Object.keys(layout).filter((key) => /^[xy]axis/.test(key))) {
      changes[`${axis}.gridcolor`] = line;
      changes[`${axis}.linecolor`] = muted;
      changes[`${axis}.color`] = muted;
    }
    (layout.annotations || []).forEach((_, number) => (changes[`annotations[${number}].font.color`] = ink));
    return changes;
  }

  // A legend of several lines, on a narrow page, adds to the height instead of taking it from the plot. A page that is
  // not shown has no width: nothing is to be done then.
  async function fit(place, width, scale = 1) {
    if (!width) return;
    if (place.layout.width !== width) await Plotly.relayout(place, { width });
    const legend = place.querySelector(".legend .bg");
    const more = Math.max(0, (legend ? legend.getBoundingClientRect().height : 0) - LEGEND_LINE);
    const height = Math.round(place.plotHeight * scale + more);
    if (place.layout.height !== height) await Plotly.relayout(place, { height });
  }

  async function paint(place) {
    const inked = place.data.flatMap((trace, number) => (trace.meta === "ink" ? [number] : []));
    const restyle = inked.length ? { "line.color": colours().ink } : {};
    await Plotly.update(place, restyle, themed(place.layout), inked.length ? inked : undefined);
  }

  // One after the other: a plot that is being changed takes no other change.
  function inTurn(place, ...changes) {
    for (const change of changes) place.turn = (place.turn || Promise.resolve()).then(() => change(place));
    return place.turn;
  }

  // Another figure in the same place; nothing where none is chosen.
  function draw(place, figure) {
    if (!figure) return;
    const { data, layout } = figure;
    place.plotHeight = layout.height;
    const width = place.clientWidth;
    inTurn(place, () => Plotly.react(place, data, { ...layout, width }), paint, () => fit(place, place.clientWidth));
  }

  function onPaper(printing) {
    root.classList.toggle("paper", printing);
    for (const place of places()) {
      inTurn(place, paint, () => (printing ? fit(place, PAPER_WIDTH, PAPER_HEIGHT) : fit(place, place.clientWidth)));
    }
  }

  // While it is printed the page has another width, which is not the screen's.
  const resized = new ResizeObserver((entries) => {
    if (root.classList.contains("paper")) return;
    entries.forEach(({ target }) => inTurn(target, () => fit(target, target.clientWidth)));
  });

  try {
    await load();
    const figures = JSON.parse(document.getElementById("figures").textContent);
    for (const place of document.querySelectorAll(".plot")) {
      const name = place.id.replace("plot-", "");
      const choice = document.querySelector(`select[data-plot="${name}"]`);
      const { data, layout } = figures[choice ? choice.value : name];
      place.replaceChildren();
      place.plotHeight = layout.height;
      await Plotly.newPlot(place, data, { ...layout, width: place.clientWidth }, CONFIG);
      place.classList.add("drawn");
      await inTurn(place, paint, () => fit(place, place.clientWidth));
      resized.observe(place);
      if (choice) choice.addEventListener("change", () => draw(place, figures[choice.value]));
    }
  } catch (error) {
    for (const place of document.querySelectorAll(".plot:not(.drawn)")) {
      place.textContent = "This browser cannot draw the plots; the tables have the figures.";
    }
    throw error;
  } finally {
    root.dataset.plots = "done";
  }
  for (const button of document.querySelectorAll("button[data-plot]")) {
    button.addEventListener("click", async () => {
      const log = button.getAttribute("aria-pressed") === "false";
      const place = document.getElementById(`plot-${button.dataset.plot}`);
      const axis = { "yaxis.type": log ? "log" : "linear", "yaxis.autorange": true };
      await inTurn(place, () => Plotly.relayout(place, axis));
      button.setAttribute("aria-pressed", String(log));
    });
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => places().forEach((place) => inTurn(place, paint)));
  addEventListener("beforeprint", () => onPaper(true));
  addEventListener("afterprint", () => onPaper(false));
})();
