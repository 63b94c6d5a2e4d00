"""What a higher rate costs: latency and throughput by the rate that was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from loadtests.report.plots import theme


def curve(summary: Mapping[str, Any]) -> Any | None:
    """Percentiles of orders and of the request that places them, and the throughput beside the rate asked for.

    None where there are no two rates to compare.
    """
    rows = sorted(summary.get("scaling") or (), key=lambda row: row["rate_per_s"])
    if len(rows) < 2:
        return None
    rates = [row["rate_per_s"] for row in rows]
    figure = theme.figure("milliseconds", "a second", height=440, x_title="arrivals a second, asked for")
    for kind, words, style in (("async", "orders", theme.BLUE), ("sync", "request", theme.VERMILLION)):
        for percentile, dash in (("p50", "solid"), ("p95", "dash"), ("p99", "dot")):
            values = [(row[kind] or {}).get(f"{percentile}_ms") for row in rows]
            if any(value is not None for value in values):
                drawn = theme.Look(style.colour, dash, style.marker, "")
                figure.add_trace(_marked(rates, values, f"{words} {percentile}", drawn, "ms"), row=1, col=1)
    ink = theme.Look(theme.INK, "dot", "circle", "")
    figure.add_trace(theme.line(rates, rates, "asked for", ink, unit="a second", meta="ink"), row=2, col=1)
    done = [row["throughput_per_s"] for row in rows]
    figure.add_trace(_marked(rates, done, "completed", theme.GREEN, "a second"), row=2, col=1)
    return figure


def _marked(x: Any, y: Any, name: str, style: theme.Look, unit: str) -> Any:
    """A line with a marker at each rate."""
    return theme.line(x, y, name, style, unit=unit).update(
        mode="lines+markers", marker={"symbol": style.marker, "size": 7, "color": style.colour}
    )
