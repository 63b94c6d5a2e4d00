"""What all plots look like: colours that are told apart without colour vision, and never by colour alone.

The palette is Okabe and Ito's (https://jfly.uni-koeln.de/color/), without its yellow, which white paper swallows.
Each place in it has a dash, a marker and a hatch of its own as well. Text, grid and what is meant to be black get
their colour in the browser, from the style sheet: a trace says so with `meta="ink"`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

INK: Final = "#6b7280"
"""Stands in for the style sheet's text colour, where no browser has put that in its place."""

SHADE: Final = "rgba(128, 128, 128, 0.16)"


@dataclass(frozen=True, slots=True)
class Look:
    """How one series is drawn, in colour and without."""

    colour: str
    dash: str
    marker: str
    hatch: str


BLUE: Final = Look("#0072B2", "solid", "circle", "")
VERMILLION: Final = Look("#D55E00", "dash", "x", "/")
GREEN: Final = Look("#009E73", "dot", "square", ".")
PURPLE: Final = Look("#CC79A7", "dashdot", "diamond", "x")
ORANGE: Final = Look("#E69F00", "longdash", "triangle-up", "\\")
SKY: Final = Look("#56B4E9", "longdashdot", "triangle-down", "-")
LOOKS: Final = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY)


def look(number: int) -> Look:
    """The look of the n-th series, from 0. Beyond the sixth they begin anew with another dash."""
    first = LOOKS[number % len(LOOKS)]
    if number < len(LOOKS):
        return first
    other = LOOKS[(number + number // len(LOOKS)) % len(LOOKS)]
    return Look(first.colour, other.dash, other.marker, other.hatch)


def figure(*titles: str, height: int, x_title: str) -> Any:
    """An empty figure: one plot for each y-axis title, above each other, with one x axis for all of them."""
    rows = len(titles)
    drawn = make_subplots(rows=rows, cols=1, shared_xaxes=True, vertical_spacing=0.08)
    drawn.update_layout(
        template="none",
        height=height,
        margin={"l": 56, "r": 12, "t": 8, "b": 44},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": "system-ui, -apple-system, 'Segoe UI', Roboto, Arial, sans-serif", "size": 12, "color": INK},
        legend={"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom", "xanchor": "left", "tracegroupgap": 0},
        hovermode="closest",
    )
    drawn.update_xaxes(
        automargin=True, zeroline=False, showline=True, rangemode="nonnegative", autorangeoptions_include=0
    )
    drawn.update_yaxes(automargin=True, rangemode="tozero", zeroline=False, tickformat=",.6~g")
    drawn.update_xaxes(title_text=x_title, row=rows, col=1)
    for row, title in enumerate(titles, start=1):
        drawn.update_yaxes(title_text=title, row=row, col=1)
    return drawn


def line(x: Any, y: Any, name: str, style: Look, *, unit: str, **options: Any) -> Any:
    """A line with its own dash; hovering tells the name and the value with its unit."""
    return go.Scatter(
        x=_short(x),
        y=_short(y),
        name=name,
        mode="lines",
        line={"color": style.colour, "dash": style.dash, "width": 2, **options.pop("line", {})},
        hovertemplate=f"%{{y:,.4~g}} {unit}<extra>%{{fullData.name}}</extra>",
        **options,
    )


def dots(x: Any, y: Any, name: str, style: Look, *, unit: str, **options: Any) -> Any:
    """Dots of the look's own shape."""
    return go.Scatter(
        x=_short(x),
        y=_short(y),
        name=name,
        mode="markers",
        marker={"color": style.colour, "symbol": style.marker, "size": 5, "opacity": 0.6},
        hovertemplate=f"%{{y:,.1f}} {unit}<extra>%{{fullData.name}}</extra>",
        **options,
    )


def _short(values: Any) -> Any:
    """Seven digits are enough to draw, and take half the room in the page."""
    return np.asarray(values, dtype=np.float32)


def filled(style: Look) -> dict[str, Any]:
    """A bar's marker: the colour, hatched as the look has it."""
    return {"color": style.colour, "pattern": {"shape": style.hatch, "fgopacity": 0.55, "fillmode": "overlay"}}


def shade(figure: Any, windows: Iterable[tuple[float, float, str]]) -> None:
    """Mark spans of the time axis `(from, to, label)` behind all rows, each with its label at the top."""
    for begin, end, label in windows:
        figure.add_shape(
            type="rect",
            xref="x",
            yref="paper",
            x0=begin,
            x1=end,
            y0=0,
            y1=1,
            fillcolor=SHADE,
            line_width=0,
            layer="below",
        )
        figure.add_annotation(
            x=begin,
            xref="x",
            xanchor="left",
            y=1,
            yref="paper",
            yanchor="top",
            text=label,
            showarrow=False,
            align="left",
        )
