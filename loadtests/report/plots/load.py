"""What was asked of the stack, and what came out of it."""

from __future__ import annotations

from typing import Any

from loadtests.report import series
from loadtests.report.plots import theme
from loadtests.result import Result


def rates(result: Result) -> Any | None:
    """Arrivals that were due, sent and completed, each a second; below, how many were under way. None without any.

    Completed is an order confirmed or rejected, or, where a scenario has no orders, a request answered.
    """
    clock = series.clock(result)
    due, sent, completed = _moments(result)
    if not due:
        return None
    counts = series.slices(result, max([result.ended_at, *completed]))
    at = clock.at(counts.at)
    figure = theme.figure("a second", "under way", height=420, x_title=clock.title)
    lines = ((due, "due", theme.BLUE), (sent, "sent", theme.GREEN), (completed, "completed", theme.VERMILLION))
    for moments, name, style in lines:
        figure.add_trace(theme.line(at, counts.rate(moments), name, style, unit="a second"), row=1, col=1)
    waiting = series.under_way(sent, completed, counts.edges)
    figure.data[0].update(line={"width": 6}, opacity=0.45)  # what was due shows beneath what was sent
    figure.add_trace(theme.line(clock.at(counts.edges), waiting, "under way", theme.PURPLE, unit=""), row=2, col=1)
    return figure


def _moments(result: Result) -> tuple[list[float], list[float], list[float]]:
    """When the measured arrivals were due, when those that could be sent were, and when they were completed."""
    dropped = result.measured_dropped
    placed = [(order.placed, order.decided_at) for order in result.measured_orders if order.placed]
    if placed:
        due = [each.intended for each, _ in placed]
        return due + dropped, [each.sent for each, _ in placed], [at for each, at in placed if at and each.order_id]
    requests = result.measured_requests
    due = [each.intended for each in requests]
    return due + dropped, [each.sent for each in requests], [each.sent + each.service_ms / 1000 for each in requests]
