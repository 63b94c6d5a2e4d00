"""The steps of a search: latency and throughput by the rate, and between which rates the SLO breaks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from loadtests.report.plots import theme

_KEPT: Final = "circle"
_BROKE: Final = "x"

type Step = Mapping[str, Any]
type ValueOf = Callable[[Step], float | None]


def steps(summary: Mapping[str, Any]) -> Any | None:
    """A marker a step: a circle where the SLO was kept, a cross where it broke.

    None where nothing was searched, or no step was judged.
    """
    search = summary.get("breakpoint")
    judged = [step for step in (search or {}).get("steps", ()) if step["kept"] is not None]
    if search is None or not judged:
        return None
    figure = theme.figure("p95, milliseconds", "a second", height=460, x_title="orders a second, asked for")
    _draw(figure, 1, judged, _order_p95, "orders, end to end", theme.BLUE, "ms")
    _draw(figure, 1, judged, _post_p95, "POST /orders", theme.VERMILLION, "ms")
    rates = sorted({step["rate_per_s"] for step in judged})
    ink = theme.Look(theme.INK, "dot", "circle", "")
    figure.add_trace(theme.line(rates, rates, "asked for", ink, unit="a second", meta="ink"), row=2, col=1)
    _draw(figure, 2, judged, lambda step: step["throughput_per_s"], "completed", theme.GREEN, "a second")
    if search["low"] and search["high"]:
        theme.shade(figure, [(search["low"], search["high"], "breaks")])
    return figure


def _draw(figure: Any, row: int, steps: list[Step], value_of: ValueOf, name: str, look: theme.Look, unit: str) -> None:
    """One figure of the steps that have it, by rate; of a rate that was tried again, all tries."""
    values = [(step["rate_per_s"], value_of(step), step["kept"]) for step in steps]
    known = sorted((rate, value, kept) for rate, value, kept in values if value is not None)
    if not known:
        return
    line = theme.line([rate for rate, _, _ in known], [value for _, value, _ in known], name, look, unit=unit)
    symbols = [_KEPT if kept else _BROKE for _, _, kept in known]
    line.update(mode="lines+markers", marker={"symbol": symbols, "size": 9, "color": look.colour})
    figure.add_trace(line, row=row, col=1)


def _order_p95(step: Step) -> float | None:
    return _p95(step["async"]["order"])


def _post_p95(step: Step) -> float | None:
    return _p95(step["sync"].get("POST /orders") or {})


def _p95(figures: Mapping[str, Any]) -> float | None:
    value: float | None = figures.get("p95_ms")
    return value
