// Draws the plots of this page in its theme, anew when the theme changes, and at paper's width while it is printed.
"use strict";
(async () => {
  const root = document.documentElement;
  const places = () => [...document.querySelectorAll(".plot.drawn")];
  const PAPER_WIDTH = 680;
  const CONFIG = {
    responsive: true,
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

  async function paint(place, more = {}) {
    const inked = place.data.flatMap((trace, number) => (trace.meta === "ink" ? [number] : []));
    const restyle = inked.length ? { "line.color": colours().ink } : {};
    await Plotly.update(place, restyle, { ...themed(place.layout), ...more }, inked.length ? inked : undefined);
  }

  function onPaper(printing) {
    root.classList.toggle("paper", printing);
    for (const place of places()) {
      const size = printing ? { width: PAPER_WIDTH, autosize: false } : { width: undefined, autosize: true };
      paint(place, size);
    }
  }

  try {
    await load();
    const figures = JSON.parse(document.getElementById("figures").textContent);
    for (const place of document.querySelectorAll(".plot")) {
      const { data, layout } = figures[place.id.replace("plot-", "")];
      place.replaceChildren();
      await Plotly.newPlot(place, data, layout, CONFIG);
      place.classList.add("drawn");
      await paint(place);
    }
  } catch (error) {
    for (const place of document.querySelectorAll(".plot:not(.drawn)")) {
      place.textContent = "This browser cannot draw the plots; the tables have the figures.";
    }
    throw error;
  } finally {
    root.dataset.plots = "done";
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => places().forEach((place) => paint(place)));
  addEventListener("beforeprint", () => onPaper(true));
  addEventListener("afterprint", () => onPaper(false));
})();
