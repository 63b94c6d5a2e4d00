"""Where an order's milliseconds are: hop by hop, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import plotly.graph_objects as go

from loadtests.report.plots import theme

_ROW_PX: Final = 46


@dataclass(frozen=True, slots=True)
class Bar:
    """One segment of a row: from `begin_ms` on, `length_ms` long."""

    row: str
    begin_ms: float
    length_ms: float
    text: str


def medians(stages: dict[str, dict[str, Any]]) -> Any | None:
    """A bar a hop, each beginning where the medians before it end, with its p95 in words. None without stages."""
    path = [(name, figures) for name, figures in stages.items() if figures["count"] and "rejected" not in name]
    if not path:
        return None
    bars, begin_ms = [], 0.0
    for name, figures in path:
        text = f"{figures['p50_ms']:,.1f} ms, p95 {figures['p95_ms']:,.1f}"
        bars.append(Bar(name.replace("→", " → "), begin_ms, figures["p50_ms"], text))
        begin_ms += figures["p50_ms"]
    figure = _rows([bar.row for bar in bars], "milliseconds since the intended send (medians, one after the other)")
    figure.add_trace(_trace("median", bars, theme.BLUE))
    for bar in bars:
        _label(figure, bar.row, f"<b>{bar.row}</b>  {bar.text}")
    figure.update_layout(showlegend=False)
    return figure


def _rows(rows: Sequence[str], title: str) -> Any:
    """An empty figure with a row for each hop, the first on top; its label goes above its bar, so narrow pages work."""
    figure = theme.figure("", height=70 + _ROW_PX * len(rows), x_title=title)
    figure.update_layout(barmode="overlay", bargap=0.58, margin={"l": 12})
    figure.update_yaxes(
        type="category", categoryorder="array", categoryarray=list(rows)[::-1], showticklabels=False, showgrid=False
    )
    return figure


def _trace(name: str, bars: Sequence[Bar], style: theme.Look) -> Any:
    return go.Bar(
        name=name,
        orientation="h",
        y=[bar.row for bar in bars],
        x=[bar.length_ms for bar in bars],
        base=[bar.begin_ms for bar in bars],
        customdata=[bar.text for bar in bars],
        hovertemplate="%{y}<br>%{customdata}<extra>%{fullData.name}</extra>",
        marker={"color": style.colour, "pattern": {"shape": style.hatch, "fgopacity": 0.55, "fillmode": "overlay"}},
    )


def _label(figure: Any, row: str, text: str) -> None:
    figure.add_annotation(
        x=0, xref="paper", xanchor="left", y=row, yref="y", yshift=17, text=text, showarrow=False, align="left"
    )
