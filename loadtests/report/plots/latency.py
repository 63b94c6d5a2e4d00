"""How long orders and requests took: over the run's time, and as a distribution."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from loadtests.report import series
from loadtests.report.plots import theme
from loadtests.result import Result

_MOST_REQUESTS: Final = 4
_TICKS: Final = (0.0, 50.0, 90.0, 99.0, 99.9, 99.99)


def over_time(result: Result) -> Any | None:
    """Each order as a dot at its intended send, with median and p95; requests instead where there are no orders.

    None where nothing came to an end. Of very many, a selection that has the slowest is drawn as dots.
    """
    clock = series.clock(result)
    orders, rejected = series.orders_end_to_end(result)
    if len(orders):
        groups = [
            (orders.where(~rejected, "confirmed"), theme.BLUE),
            (orders.where(rejected, "rejected"), theme.VERMILLION),
        ]
        lines = [orders]
    else:
        lines = series.requests_by_name(result, _MOST_REQUESTS)
        groups = [(each, theme.look(number)) for number, each in enumerate(lines)]
    if not lines:
        return None
    figure = theme.figure("milliseconds", height=340, x_title=f"intended send, {clock.title}")
    for group, style in groups:
        if len(group):
            shown = group.thinned()
            figure.add_trace(theme.dots(clock.at(shown.at), shown.ms, group.name, style, unit="ms"))
    for each, (_, style) in zip(lines, groups, strict=False):
        _percentile_lines(figure, each, clock, style if len(lines) > 1 else None)
    return figure


def _percentile_lines(figure: Any, latencies: series.Latencies, clock: series.Clock, style: theme.Look | None) -> None:
    """Median and p95 over time, in ink where there is one kind only, else in the kind's own colour."""
    at, values = latencies.over_time(50, 95)
    if not len(at):
        return
    prefix = f"{latencies.name} " if style else ""
    options: dict[str, Any] = {} if style else {"meta": "ink"}
    for name, dash, column in zip(("median", "p95"), ("solid", "dash"), values, strict=True):
        colour = style.colour if style else theme.INK
        drawn = theme.Look(colour, dash, "circle", "")
        figure.add_trace(theme.line(clock.at(at), column, prefix + name, drawn, unit="ms", **options))


def distribution(result: Result) -> Any | None:
    """Milliseconds by percentile, on an axis that gives each further nine the same room. None without a latency.

    A curve ends at the percentile that its count carries: 99 % needs 100 of them.
    """
    orders, _ = series.orders_end_to_end(result)
    kinds = [each for each in (orders, *series.requests_by_name(result, _MOST_REQUESTS)) if len(each)]
    if not kinds:
        return None
    figure = theme.figure("milliseconds", height=320, x_title="percentile")
    for number, kind in enumerate(kinds):
        percentiles = _percentiles(len(kind))
        values = np.percentile(kind.ms, percentiles)
        trace = theme.line(_nines(percentiles), values, kind.name, theme.look(number), unit="ms")
        hover = "p%{customdata:.6~g}: %{y:,.1f} ms<extra>%{fullData.name}</extra>"
        figure.add_trace(trace.update(customdata=percentiles.astype(np.float32), hovertemplate=hover))
    ticks = [tick for tick in _TICKS if tick <= _percentiles(max(map(len, kinds)))[-1] + 1e-9]
    figure.update_xaxes(tickvals=_nines(np.array(ticks)), ticktext=[f"{tick:g}" for tick in ticks])
    return figure


def _percentiles(count: int) -> series.Column:
    """Even steps on the axis of nines, from 0 to what `count` samples carry, at most 99.999; 100 stands for max."""
    last = min(5.0, np.log10(max(count, 10)))
    return 100 * (1 - 10 ** -np.linspace(0, last, 80))


def _nines(percentiles: series.Column) -> series.Column:
    """0 for 0 %, 1 for 90 %, 2 for 99 %."""
    return -np.log10(1 - percentiles / 100)
