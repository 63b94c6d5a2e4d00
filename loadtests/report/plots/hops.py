"""Where an order's milliseconds are: hop by hop, one after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import plotly.graph_objects as go

from loadtests.report.plots import theme

PARTS: Final = {
    "generator": "generator",
    "api": "API",
    "publish": "publishing",
    "queue": "queue",
    "function_wait": "function wait",
    "redelivery": "redelivery",
    "cold_start": "cold start",
    "batch": "batch",
    "running": "running",
}
"""What a hop is made of, in the order in which it happens, and in words that a column has room for."""

_ROW_PX: Final = 54


@dataclass(frozen=True, slots=True)
class Bar:
    """One segment of a row: from `begin_ms` on, `length_ms` long."""

    row: str
    begin_ms: float
    length_ms: float
    text: str


def waterfall(summary: Mapping[str, Any]) -> Any | None:
    """Each hop's mean split into what it waited for; medians of whole hops where nothing told of the parts.

    Means, since only they add up. None without a hop. What leads to a rejection is left to the table.
    """
    hops = [row for row in summary.get("waterfall") or () if "rejected" not in row["hop"]]
    return _parts(hops) if hops else _medians(summary["async"]["stages"])


def _parts(hops: Sequence[Mapping[str, Any]]) -> Any:
    rows = [_words(hop["hop"]) for hop in hops]
    figure = _rows(rows, "milliseconds (means, one after the other)")
    bars: dict[str, list[Bar]] = {}
    begin_ms = 0.0
    for hop, row in zip(hops, rows, strict=True):
        _label(figure, row, f"<b>{row}</b>  {sum(part['mean_ms'] for part in hop['parts'].values()):,.1f} ms")
        for name, part in hop["parts"].items():
            text = f"mean {part['mean_ms']:,.1f} ms, median {part['p50_ms']:,.1f}, p95 {part['p95_ms']:,.1f}"
            bars.setdefault(name, []).append(Bar(row, begin_ms, part["mean_ms"], text))
            begin_ms += part["mean_ms"]
    for number, (name, words) in enumerate(PARTS.items()):
        if name in bars:
            figure.add_trace(_trace(words, bars[name], theme.look(number)))
    return figure


def _medians(stages: Mapping[str, Mapping[str, Any]]) -> Any | None:
    """A bar a hop, each beginning where the medians before it end, with its p95 in words. None without stages."""
    path = [(_words(name), each) for name, each in stages.items() if each["count"] and "rejected" not in name]
    if not path:
        return None
    figure = _rows([row for row, _ in path], "milliseconds (medians, one after the other)")
    bars, begin_ms = [], 0.0
    for row, each in path:
        text = f"{each['p50_ms']:,.1f} ms, p95 {each['p95_ms']:,.1f}"
        bars.append(Bar(row, begin_ms, each["p50_ms"], text))
        _label(figure, row, f"<b>{row}</b>  {text}")
        begin_ms += each["p50_ms"]
    figure.add_trace(_trace("median", bars, theme.BLUE))
    figure.update_layout(showlegend=False)
    return figure


def _rows(rows: Sequence[str], title: str) -> Any:
    """An empty figure with a row for each hop, the first on top; its label stands above its bar: narrow pages work."""
    figure = theme.figure("", height=96 + _ROW_PX * len(rows), x_title=title)
    figure.update_layout(barmode="overlay", bargap=0.62, margin={"l": 12}, showlegend=True)
    figure.update_yaxes(
        type="category",
        categoryorder="array",
        categoryarray=list(rows)[::-1],
        range=[-0.5, len(rows) - 0.25],
        showticklabels=False,
        showgrid=False,
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
        marker=theme.filled(style),
    )


def _label(figure: Any, row: str, text: str) -> None:
    figure.add_annotation(
        x=0, xref="paper", xanchor="left", y=row, yref="y", yshift=20, text=text, showarrow=False, align="left"
    )


def _words(hop: str) -> str:
    return hop.replace("→", " → ")
