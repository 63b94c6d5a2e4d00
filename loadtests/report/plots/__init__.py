"""The report's plots, made with plotly and drawn by its script in the page."""

from __future__ import annotations

import base64
import gzip
from functools import cache
from typing import Any, Final

from plotly.offline import get_plotlyjs

from loadtests.report import series
from loadtests.report.plots import answers, hops, latency, load, scaling, stack, theme
from loadtests.report.plots import breakpoint as breakpoints
from loadtests.result import Result

_OVER_TIME: Final = ("latency", "rates", "answers", "queues", "functions", "processors")


def all_of(result: Result, summary: dict[str, Any]) -> dict[str, Any]:
    """Every plot that the run has figures for, by the name that the page has for its place."""
    drawn = {
        "latency": latency.over_time(result),
        "distribution": latency.distribution(result),
        "rates": load.rates(result),
        "answers": answers.over_time(result),
        "hops": hops.waterfall(summary),
        "queues": stack.queues(result),
        "functions": stack.functions(result),
        "processors": stack.processors(result),
        "scaling": scaling.curve(summary),
        "breakpoint": breakpoints.steps(summary),
    }
    figures = {name: figure for name, figure in drawn.items() if figure is not None}
    windows = _windows(summary, series.clock(result))
    for name in set(_OVER_TIME) & set(figures):
        theme.shade(figures[name], windows)
    return figures


def _windows(summary: dict[str, Any], clock: series.Clock) -> list[tuple[float, float, str]]:
    """What the time axis shows behind the lines: every second of several steps, with its rate."""
    steps = summary["arrival"].get("steps") or []
    return [
        (clock.offset(step["from_s"]), clock.offset(step["to_s"]), f"{step['rate_per_s']:g}/s") for step in steps[1::2]
    ]


def to_script(figures: dict[str, Any]) -> str:
    """The figures as JSON that can stand in a page's `<script>`: nothing in it ends that."""
    inner = ",".join(f'"{name}":{figure.to_json()}' for name, figure in figures.items())
    return ("{" + inner + "}").replace("<", "\\u003c")


@cache
def library() -> str:
    """plotly's script, compressed (gzip, base64): 2 MB in each page instead of 4.8."""
    return base64.b64encode(gzip.compress(get_plotlyjs().encode(), 9, mtime=0)).decode()
