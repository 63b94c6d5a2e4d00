"""What the run did to the stack and the machine, as the sampler saw it once a second."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import plotly.graph_objects as go

from loadtests.looks import Sample
from loadtests.report import series
from loadtests.report.plots import theme
from loadtests.result import Result

_MOST_LINES: Final = 12
_FEW: Final = 5


def queues(result: Result) -> Any | None:
    """Messages in each queue that was ever seen with one, and how old the oldest was. None if all stayed empty."""
    depths = series.sampled(result, _depths)
    if not depths.by_name:
        return None
    ages = series.sampled(result, _ages)
    clock = series.clock(result)
    titles = ("messages", "oldest, seconds") if ages.by_name else ("messages",)
    figure = theme.figure(*titles, height=140 + 160 * len(titles), x_title=clock.title)
    looks = _looks(depths, ages)
    _add_lines(figure, depths, clock, looks, "messages", row=1)
    if ages.by_name:
        _add_lines(figure, ages, clock, looks, "s", row=2)
    return figure


def functions(result: Result) -> Any | None:
    """Invocations at once, by function, and cold starts where some fell into the run. None where none was seen."""
    concurrency = series.sampled(result, _concurrency)
    if not concurrency.by_name:
        return None
    cold = series.increases(series.sampled(result, _cold_starts))
    clock = series.clock(result)
    titles = ("at once", "cold starts") if cold.by_name else ("at once",)
    figure = theme.figure(*titles, height=140 + 160 * len(titles), x_title=clock.title)
    looks = _looks(concurrency, cold)
    _add_lines(figure, concurrency, clock, looks, "at once", row=1)
    for name in _highest(cold):
        figure.add_trace(_bars(clock.at(cold.at), cold.by_name[name], name, looks[name]), row=2, col=1)
    figure.update_layout(barmode="stack")
    if cold.by_name and sum(np.nan_to_num(column).max() for column in cold.by_name.values()) <= _FEW:
        figure.update_yaxes(dtick=1, row=2, col=1)
    return figure


def processors(result: Result) -> Any | None:
    """Processor time by part in percent of one core, beside the whole machine's; below, memory. None without looks.

    The parts are known of a sandbox on this machine only; else there is the machine alone.
    """
    machine = series.sampled(result, lambda sample: {"this machine (% of all cores)": sample.cpu_percent})
    if not machine.by_name:
        return None
    parts = _shares(series.sampled(result, lambda sample: dict(sample.cpu_s)))
    memory = series.sampled(result, lambda sample: dict(sample.memory_mb))
    clock = series.clock(result)
    titles = ("% of a core", "MB") if memory.by_name else ("% busy",)
    figure = theme.figure(*titles, height=140 + 160 * len(titles), x_title=clock.title)
    looks = _looks(parts, memory)
    _add_lines(figure, parts, clock, looks, "% of a core", row=1)
    _add_lines(figure, memory, clock, looks, "MB", row=2)
    for name, column in machine.by_name.items():
        ink = theme.Look(theme.INK, "solid", "circle", "")
        figure.add_trace(theme.line(clock.at(machine.at), column, name, ink, unit="%", meta="ink"), row=1, col=1)
    figure.update_layout(showlegend=True)
    return figure


def _depths(sample: Sample) -> dict[str, float | None]:
    return {name: look.depth for name, look in sample.queues.items()}


def _ages(sample: Sample) -> dict[str, float | None]:
    return {name: look.age_s for name, look in sample.queues.items()}


def _concurrency(sample: Sample) -> dict[str, float | None]:
    return {name: look.concurrency for name, look in sample.functions.items()}


def _cold_starts(sample: Sample) -> dict[str, float | None]:
    return {name: look.cold_starts for name, look in sample.functions.items()}


def _shares(seconds: series.Sampled) -> series.Sampled:
    """Seconds of processor time that grew, as percent of the time that went by."""
    spent = series.increases(seconds)
    took = np.diff(seconds.at)
    return series.Sampled(spent.at, {name: 100 * column / took for name, column in spent.by_name.items()})


def _looks(*several: series.Sampled) -> dict[str, theme.Look]:
    """One look for each name, the same in all rows of a figure."""
    names = sorted({name for each in several for name in each.by_name})
    return {name: theme.look(number) for number, name in enumerate(names)}


def _highest(data: series.Sampled) -> list[str]:
    """The names with the highest peaks, at most twelve, by name."""
    peaks = {name: float(np.nanmax(column)) for name, column in data.by_name.items()}
    return sorted(sorted(peaks, key=lambda name: -peaks[name])[:_MOST_LINES])


def _add_lines(
    figure: Any, data: series.Sampled, clock: series.Clock, looks: dict[str, theme.Look], unit: str, *, row: int
) -> None:
    """A line for each name; a name has one entry in the legend, whatever the rows."""
    at = clock.at(data.at)
    for name in _highest(data):
        style = looks[name]
        first = not any(trace.name == name for trace in figure.data)
        trace = theme.line(at, data.by_name[name], name, style, unit=unit, legendgroup=name, showlegend=first)
        figure.add_trace(trace, row=row, col=1)


def _bars(at: Any, counts: Any, name: str, style: theme.Look) -> Any:
    return go.Bar(
        x=at,
        y=counts,
        name=name,
        legendgroup=name,
        showlegend=False,
        marker=theme.filled(style),
        hovertemplate="%{y} cold starts<extra>%{fullData.name}</extra>",
    )
