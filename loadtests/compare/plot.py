"""The changes that decide, with their intervals, on one axis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import plotly.graph_objects as go

from loadtests.compare.figures import Figure, Verdict
from loadtests.report.plots import theme

_ROW: Final = 26
_LOOKS: Final[dict[Verdict, theme.Look]] = {
    "worse": theme.VERMILLION,
    "better": theme.GREEN,
    "the same": theme.BLUE,
    "not enough data": theme.ORANGE,
}


def changes(figures: Sequence[Figure], tolerance: float) -> Any | None:
    """A line a figure: its change in percent, with the interval; the tolerance is shaded. Shares have points, not
    percent, and are left out, as is what was none before. None where nothing is left.
    """
    drawn = [each for each in figures if each.decides and each.unit != "share" and math.isfinite(each.change)][::-1]
    if not drawn:
        return None
    figure = theme.figure("", height=110 + _ROW * len(drawn), x_title="change from A to B, %")
    figure.update_xaxes(rangemode="normal", autorangeoptions={"include": [-100 * tolerance, 100 * tolerance]})
    figure.update_yaxes(
        rangemode="normal",
        tickformat="",
        tickvals=list(range(len(drawn))),
        ticktext=[each.name for each in drawn],
        range=[-0.6, len(drawn) - 0.4],
    )
    for verdict, look in _LOOKS.items():
        chosen = [(place, each) for place, each in enumerate(drawn) if each.verdict == verdict]
        if chosen:
            figure.add_trace(_trace(chosen, verdict, look))
    theme.shade(figure, [(-100 * tolerance, 100 * tolerance, "")])
    return figure


def _trace(chosen: Sequence[tuple[int, Figure]], name: str, look: theme.Look) -> Any:
    ends = [each.interval or (each.change, each.change) for _, each in chosen]
    return go.Scatter(
        x=[100 * each.change for _, each in chosen],
        y=[place for place, _ in chosen],
        name=name,
        mode="markers",
        marker={"color": look.colour, "symbol": look.marker, "size": 9},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [100 * (high - each.change) for (_, high), (_, each) in zip(ends, chosen, strict=True)],
            "arrayminus": [100 * (each.change - low) for (low, _), (_, each) in zip(ends, chosen, strict=True)],
            "color": look.colour,
        },
        text=[each.name for _, each in chosen],
        hovertemplate="%{text}: %{x:+.1f} %<extra>%{fullData.name}</extra>",
    )
