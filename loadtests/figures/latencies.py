"""Latency of requests and of orders, from the intended send, and of each hop between an order's stages."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from loadtests.histograms import Histograms, of_rows
from loadtests.orders import STAGES
from loadtests.result import Result

_POINTS: Final = ("sent", *STAGES)


def of(result: Result) -> Histograms:
    """The run's histograms, merged from its processes."""
    if result.histograms is not None:
        return result.histograms
    return of_rows(result.measured_requests, result.measured_orders)


def sync(result: Result, histograms: Histograms) -> dict[str, Any]:
    """By request (`POST /orders`): count, failures and percentiles."""
    failures = Counter(request.key for request in result.measured_requests if request.failure is not None)
    return {
        key: {"count": found["count"], "failures": failures[key], **found} for key, found in histograms.sync().items()
    }


def asynchronous(histograms: Histograms) -> dict[str, Any]:
    """Of whole orders, to their decision, and by hop (`accepted→stock-reserved`)."""
    hops = histograms.hops()
    return {"order": dict(histograms.order()), "stages": {hop: hops[hop] for hop in sorted(hops, key=rank)}}


def rank(hop: str) -> list[int]:
    """For sorting hops as an order passes them."""
    return [_POINTS.index(point) if point in _POINTS else len(_POINTS) for point in hop.split("→")]
