"""The plots of the comparison: a row for each cell, a mark for each round, and a bar from the lowest to the highest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import plotly.graph_objects as go

from loadtests.matrix.cells import Matrix
from loadtests.matrix.figures import Figure, Range
from loadtests.report.plots import theme

_ROW_PX: Final = 44
_FRAME_PX: Final = 110
_LATENCIES: Final = (
    ("order_p50_ms", "order p50", theme.BLUE),
    ("order_p95_ms", "order p95", theme.VERMILLION),
    ("order_p99_ms", "order p99", theme.PURPLE),
    ("request_p50_ms", "request p50", theme.GREEN),
    ("request_p95_ms", "request p95", theme.ORANGE),
)
_ALONE: Final = ("sustained_per_s", "done_per_s", "cpu_ms_per_order", "cost_usd_per_million_orders")


def all_of(matrix: Matrix) -> dict[str, Any]:
    """Every plot that there are figures for, by its name on the page."""
    drawn = {"latency": _latency(matrix)}
    drawn |= {figure.key: _alone(matrix, figure) for figure in matrix.figures if figure.key in _ALONE}
    return {name: figure for name, figure in drawn.items() if figure is not None}


def _latency(matrix: Matrix) -> Any | None:
    there = {figure.key for figure in matrix.figures}
    lines = [(key, words, style) for key, words, style in _LATENCIES if key in there]
    if not lines:
        return None
    figure = _rows(matrix, "milliseconds")
    for key, words, style in lines:
        figure.add_trace(_marks(matrix, key, words, style, "ms"))
    return figure


def _alone(matrix: Matrix, figure: Figure) -> Any:
    drawn = _rows(matrix, figure.words)
    drawn.add_trace(_marks(matrix, figure.key, figure.words, theme.BLUE, ""))
    drawn.update_layout(showlegend=False)
    return drawn


def _rows(matrix: Matrix, x_title: str) -> Any:
    """The first cell at the top."""
    figure = theme.figure("", height=_FRAME_PX + _ROW_PX * len(matrix.cells), x_title=x_title)
    names = [cell.name for cell in matrix.cells]
    figure.update_yaxes(type="category", categoryorder="array", categoryarray=names[::-1], title_text=None)
    return figure


def _marks(matrix: Matrix, key: str, name: str, style: theme.Look, unit: str) -> Any:
    found = [(cell.name, spread) for cell in matrix.cells if (spread := cell.range(key))]
    ranges: Sequence[Range] = [spread for _, spread in found]
    return go.Scatter(
        y=[cell for cell, _ in found],
        x=[spread.median for spread in ranges],
        name=name,
        mode="markers",
        marker={"color": style.colour, "symbol": style.marker, "size": 9},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [spread.high - spread.median for spread in ranges],
            "arrayminus": [spread.median - spread.low for spread in ranges],
            "color": style.colour,
            "thickness": 1.5,
            "width": 4,
        },
        customdata=[[f"{spread.low:,.4g} to {spread.high:,.4g}"] for spread in ranges],
        hovertemplate=f"%{{x:,.4~g}} {unit} (%{{customdata[0]}})<extra>%{{y}}, %{{fullData.name}}</extra>",
    )
