"""Latency of requests and of orders, from the intended send, and of each hop between an order's stages."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final

from loadtests.figures import spread
from loadtests.histograms import Histograms, of_rows
from loadtests.orders import STAGES
from loadtests.records import Request
from loadtests.result import Result

_POINTS: Final = ("sent", *STAGES)


def of(result: Result) -> Histograms:
    """The run's histograms, merged from its processes."""
    if result.histograms is not None:
        return result.histograms
    return of_rows(result.measured_requests, result.measured_orders)


def sync(result: Result, histograms: Histograms) -> dict[str, Any]:
    """By request (`POST /orders`): count, failures and percentiles."""
    by_key: dict[str, list[Request]] = defaultdict(list)
    for request in result.measured_requests:
        by_key[request.key].append(request)
    return {
        key: {
            "count": found["count"],
            "failures": sum(request.failure is not None for request in by_key[key]),
            **found,
            "spread_ms": spread.of_median([(r.intended, r.latency_ms) for r in by_key[key]]),
        }
        for key, found in histograms.sync().items()
    }


def asynchronous(result: Result, histograms: Histograms) -> dict[str, Any]:
    """Of whole orders, to their decision, and by hop (`accepted→stock-reserved`)."""
    hops = histograms.hops()
    decided = [
        (order.placed.intended, latency_ms)
        for order in result.measured_orders
        if order.placed is not None and (latency_ms := order.latency_ms) is not None
    ]
    return {
        "order": {**histograms.order(), "spread_ms": spread.of_median(decided)},
        "stages": {hop: hops[hop] for hop in sorted(hops, key=rank)},
    }


def rank(hop: str) -> list[int]:
    """For sorting hops as an order passes them."""
    return [_POINTS.index(point) if point in _POINTS else len(_POINTS) for point in hop.split("→")]
