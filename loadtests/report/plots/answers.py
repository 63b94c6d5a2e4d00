"""Whose time the answers took: functions', or the emulator's own."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from loadtests.report import series
from loadtests.report.plots import theme
from loadtests.result import Result
from loadtests.saturation import answers

_MOST: Final = 240


def over_time(result: Result) -> Any | None:
    """What an answer took on average, from sample to sample, and of that what functions ran. None where the engine
    tells nothing of that. Of a long run some neighbours are one.
    """
    found = [each for each in answers.slices(result) if each.until > result.started_at]
    if not found:
        return None
    parts = np.array_split(np.arange(len(found)), min(_MOST, len(found)))
    joined = [answers.Slice.sum([found[number] for number in part]) for part in parts]
    clock = series.clock(result)
    at = clock.at(each.until for each in joined)
    figure = theme.figure("milliseconds an answer", height=300, x_title=clock.title)
    lines = (
        ("whole answer", theme.BLUE, [each.mean_ms for each in joined]),
        ("outside of functions", theme.VERMILLION, [each.outside_ms for each in joined]),
        ("functions", theme.GREEN, [each.mean_ms - each.outside_ms for each in joined]),
    )
    for name, style, values in lines:
        figure.add_trace(theme.line(at, values, name, style, unit="ms"), row=1, col=1)
    return figure
