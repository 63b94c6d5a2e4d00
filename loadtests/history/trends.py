"""How the main figures went from commit to commit, for each load that was run."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from statistics import median
from typing import Any, Final

from loadtests import times
from loadtests.history.entries import Run
from loadtests.report.plots import theme

MOST: Final = 30
"""Loads with a trend of their own: those that were run last."""

_ROWS: Final[tuple[tuple[str, Mapping[str, str]], ...]] = (
    ("milliseconds", {"order_p50_ms": "orders p50", "order_p95_ms": "orders p95", "answer_p95_ms": "answers p95"}),
    ("a second", {"throughput_per_s": "done"}),
    ("USD a million orders", {"cost_usd_per_million_orders": "cost"}),
)
_RATE: Final = "highest rate that keeps the SLOs"
_JUDGED: Final = frozenset({"passed", "failed"})
_DOT: Final = "%{y:,.4~g}"


@dataclass(frozen=True, slots=True)
class Trend:
    """Runs of one load, the oldest commit first. `name` is its place in the page's choice."""

    name: str
    scenario: str
    flow: str | None
    load: str
    runs: Sequence[Run]

    @property
    def words(self) -> str:
        """`order RATE=5 DURATION=60 · saga (3)`."""
        load = " ".join(filter(None, (self.scenario, self.load)))
        return " · ".join(filter(None, (load, self.flow))) + f" ({len(self.runs)})"


def of(runs: Sequence[Run], most: int = MOST) -> list[Trend]:
    """A trend for each load, that of the newest run first. Runs that did not come to their end are in none."""
    loads: dict[tuple[str, str, str | None], list[Run]] = {}
    for run in runs:
        if run.verdict in _JUDGED and any(value is not None for value in run.figures.values()):
            loads.setdefault((run.scenario, run.load, run.flow), []).append(run)
    return [
        Trend(f"trend-{number}", scenario, flow, load, sorted(members, key=_order))
        for number, ((scenario, load, flow), members) in enumerate(list(loads.items())[:most])
    ]


def to_script(trends: Sequence[Trend]) -> str:
    """Each trend's figure by its name, as JSON that can stand in a `<script>`: nothing in it ends that."""
    return json.dumps({trend.name: drawn(trend) for trend in trends}, allow_nan=False).replace("<", "\\u003c")


def drawn(trend: Trend) -> dict[str, Any]:
    """The figure: a dot a run, by its commit, and a line through the medians of commits.

    Runs without a commit stand at their day. A row of axes for each kind of figure that any run has.
    """
    known = {key for run in trend.runs for key, value in run.figures.items() if value is not None}
    search = trend.scenario == "breakpoint"
    rows = [(title, figures) for title, figures in _ROWS if known & figures.keys()]
    layout = deepcopy(_layout(tuple(title for title, _ in rows)))
    stations = list(dict.fromkeys(station(run) for run in trend.runs))
    traces: list[dict[str, Any]] = []
    for row, (unit, figures) in enumerate(rows, start=1):
        axis = "" if row == 1 else str(row)
        layout[f"xaxis{axis}"]["categoryarray"] = stations
        for key in [key for key in figures if key in known]:
            name = _RATE if search and key == "throughput_per_s" else figures[key]
            traces += _series(trend.runs, key, theme.look(len(traces) // 2), name, unit, axis)
    return {"data": traces, "layout": layout}


def station(run: Run) -> str:
    """Where on the axis a run stands: its commit, `72c544a+` with changes, or without one its day."""
    if run.commit is None:
        return times.render(run.started_at)[:10]
    return run.commit.id + ("+" if run.commit.dirty else "")


def _order(run: Run) -> tuple[float, bool, str, float]:
    """By the commit's time, its changes after it, then by the run's."""
    if run.commit is None:
        day = times.render(run.started_at)[:10]
        return times.parse(f"{day}T00:00:00.000Z"), False, "", run.started_at
    return run.commit.at, run.commit.dirty, run.commit.id, run.started_at


def _series(
    runs: Sequence[Run], key: str, look: theme.Look, name: str, unit: str, axis: str
) -> Iterator[dict[str, Any]]:
    known = [(station(run), value, run) for run in runs if (value := run.figures[key]) is not None]
    by_station: dict[str, list[float]] = {}
    for where, value, _ in known:
        by_station.setdefault(where, []).append(value)
    common = {"type": "scatter", "name": name, "legendgroup": name, "xaxis": f"x{axis}", "yaxis": f"y{axis}"}
    yield common | {
        "mode": "lines",
        "x": list(by_station),
        "y": [_short(median(values)) for values in by_station.values()],
        "line": {"color": look.colour, "dash": look.dash, "width": 2},
        "hovertemplate": f"%{{x}}: median {_DOT} {unit}<extra>%{{fullData.name}}</extra>",
    }
    yield common | {
        "mode": "markers",
        "showlegend": False,
        "x": [where for where, _, _ in known],
        "y": [_short(value) for _, value, _ in known],
        "text": [f"{times.render(run.started_at)[:19].replace('T', ' ')}, {run.verdict}" for _, _, run in known],
        "marker": {
            "color": look.colour,
            "size": 8,
            "symbol": [look.marker + ("" if run.verdict == "passed" else "-open") for _, _, run in known],
        },
        "hovertemplate": f"%{{x}}: {_DOT} {unit}<br>%{{text}}<extra>%{{fullData.name}}</extra>",
    }


@cache
def _layout(titles: tuple[str, ...]) -> dict[str, Any]:
    """Making it takes plotly longer than all else here, and there are few."""
    figure = theme.figure(*titles, height=130 + 170 * len(titles), x_title="commit")
    figure.update_xaxes(type="category", categoryorder="array", rangemode=None, autorangeoptions=None)
    layout: dict[str, Any] = json.loads(figure.to_json())["layout"]
    return layout


def _short(value: float) -> float:
    return float(f"{value:.7g}")
