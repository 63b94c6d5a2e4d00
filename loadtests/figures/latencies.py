"""Latency of requests and of orders, from the intended send, and of each hop between an order's stages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final

from loadtests.orders import STAGES, Order
from loadtests.percentiles import latency
from loadtests.result import Result

_POINTS: Final = ("sent", *STAGES)


def sync(result: Result) -> dict[str, Any]:
    """By request (`POST /orders`): count, failures and percentiles."""
    by_key: dict[str, list[Any]] = defaultdict(list)
    for request in result.measured_requests:
        by_key[request.key].append(request)
    return {
        key: {
            "count": len(requests),
            "failures": sum(request.failure is not None for request in requests),
            **{
                name: value
                for name, value in latency([request.latency_ms for request in requests]).items()
                if name != "count"
            },
        }
        for key, requests in sorted(by_key.items())
    }


def asynchronous(orders: Iterable[Order]) -> dict[str, Any]:
    """Of whole orders, to their decision, and by hop (`accepted→stock-reserved`)."""
    orders = list(orders)
    hops: dict[str, list[float]] = defaultdict(list)
    for order in orders:
        for hop, took_ms in order.hops_ms():
            hops[hop].append(took_ms)
    return {
        "order": dict(latency([ms for order in orders if (ms := order.latency_ms) is not None])),
        "stages": {hop: latency(hops[hop]) for hop in sorted(hops, key=_rank)},
    }


def _rank(hop: str) -> list[int]:
    return [_POINTS.index(point) if point in _POINTS else len(_POINTS) for point in hop.split("→")]
