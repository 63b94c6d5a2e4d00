"""The report's charts, as SVG to put into the page. matplotlib is imported here and nowhere else, after the
run.

Colours of text and lines are written as marks that the page's style sheet replaces, so that the charts follow
its theme.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, Final

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from loadtests.result import Result

INK: Final = "#010203"
RULE: Final = "#040506"
SURFACE: Final = "#070809"
BLUE: Final = "#2a78d6"
GREEN: Final = "#1baf7a"
AMBER: Final = "#eda100"
RED: Final = "#e34948"
SERIES: Final = (BLUE, GREEN, AMBER, "#4a3aa7", RED, "#e87ba4", "#eb6834", "#008300")

_THEMED: Final = {INK: "var(--muted)", RULE: "var(--line)", SURFACE: "var(--card)"}
_MAX_POINTS: Final = 4000
_STYLE: Final[Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "loadtests",
    "font.family": "sans-serif",
    "font.size": 10,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": RULE,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": RULE,
    "grid.linewidth": 0.8,
    "xtick.color": INK,
    "ytick.color": INK,
    "figure.facecolor": "none",
    "legend.frameon": False,
}


def latency_over_time(result: Result) -> str | None:
    """Each order's end-to-end latency by its intended send, with the median and p95 of each slice of time.

    None without an order that came to an end. Of very many orders an even selection is drawn as dots.
    """
    points = [
        (order.placed.intended - result.started_at, latency_ms, order.status)
        for order in result.measured_orders
        if order.placed and (latency_ms := order.latency_ms) is not None
    ]
    if not points:
        return None
    at, latency = np.array([p[0] for p in points]), np.array([p[1] for p in points])
    rejected = np.array([p[2] == "REJECTED" for p in points])
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(9.6, 3.2), layout="constrained")
        axes = figure.subplots()
        step = max(1, len(points) // _MAX_POINTS)
        for mask, colour, label in ((~rejected, BLUE, "confirmed"), (rejected, RED, "rejected")):
            if mask.any():
                axes.scatter(
                    at[mask][::step],
                    latency[mask][::step],
                    s=9,
                    color=colour,
                    alpha=0.6,
                    linewidths=0,
                    label=label,
                )
        _slices(axes, at, latency)
        axes.set(
            xlabel="intended send, seconds into the run",
            ylabel="milliseconds",
            xlim=(0, None),
            ylim=(0, None),
        )
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=4, borderaxespad=0, handletextpad=0.4)
        return _svg(figure)


def _slices(axes: Any, at: Any, latency: Any) -> None:
    """Draw the median and p95 lines over about thirty slices, each of ten orders or more."""
    slices = int(min(30, len(at) // 10))
    if slices < 2:
        return
    edges = np.linspace(at.min(), at.max() + 1e-9, slices + 1)
    which = np.digitize(at, edges) - 1
    filled = [i for i in range(slices) if (which == i).any()]
    middles = [(edges[i] + edges[i + 1]) / 2 for i in filled]
    for percentile, width, label in ((50, 2.0, "median"), (95, 1.2, "p95")):
        values = [np.percentile(latency[which == i], percentile) for i in filled]
        axes.plot(middles, values, color=INK, linewidth=width, alpha=0.9, label=label)


def hops(stages: dict[str, dict[str, Any]]) -> str | None:
    """A bar a hop, each beginning where the medians before it end; the thin line reaches to its p95. None
    without stages.
    """
    path = [(name, figures) for name, figures in stages.items() if figures["count"] and "rejected" not in name]
    if not path:
        return None
    with matplotlib.rc_context({**_STYLE, "axes.grid.axis": "x", "axes.spines.left": False}):
        figure = Figure(figsize=(9.6, 0.7 + 0.42 * len(path)), layout="constrained")
        axes = figure.subplots()
        begin = 0.0
        for row, (_, figures) in enumerate(path):
            p50, p95 = figures["p50_ms"], figures["p95_ms"]
            axes.barh(row, p50, left=begin, height=0.5, color=BLUE)
            axes.plot([begin + p50, begin + max(p50, p95)], [row, row], color=INK, linewidth=1.4)
            axes.annotate(
                f"{p50:,.0f} ms, p95 {p95:,.0f}",
                (begin + max(p50, p95), row),
                xytext=(6, 0),
                textcoords="offset points",
                va="center",
            )
            begin += p50
        axes.set_yticks(range(len(path)), [name.replace("→", " → ") for name, _ in path])
        axes.tick_params(axis="y", length=0)
        axes.set(xlabel="milliseconds since the intended send (medians)", xlim=(0, axes.get_xlim()[1] * 1.18))
        axes.invert_yaxis()
        return _svg(figure)


def queue_depths(result: Result) -> str | None:
    """Messages in each queue over time, that were ever in one when looked at. None if all stayed empty."""
    names = sorted({name for sample in result.samples for name, queue in sample.queues.items() if queue.depth})
    if not names:
        return None
    at = [sample.at - result.started_at for sample in result.samples]
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(9.6, 2.4), layout="constrained")
        axes = figure.subplots()
        for name, colour in zip(names, SERIES, strict=False):
            axes.plot(at, _series(result, name), color=colour, linewidth=1.6, label=name)
        axes.set(xlabel="seconds into the run", ylabel="messages", ylim=(0, None))
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=len(SERIES), borderaxespad=0)
        return _svg(figure)


def _series(result: Result, name: str) -> Sequence[int]:
    return [sample.queues[name].depth if name in sample.queues else 0 for sample in result.samples]


def _svg(figure: Figure) -> str:
    """The figure as an `<svg>` element that scales with the page and takes its colours."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    for mark, colour in _THEMED.items():
        svg = svg.replace(mark, colour)
    return svg
