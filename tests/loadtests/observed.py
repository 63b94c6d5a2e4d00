"""Results made from a few words: orders with their latencies, samples with what was looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from loadtests import times
from loadtests.looks import FunctionLook, QueueLook, Sample
from loadtests.orders import Order, OrderBook
from loadtests.plan import Plan
from loadtests.records import Placed, Request
from loadtests.result import Result

T0 = times.parse("2026-11-21T10:15:30.000Z")


def order(at: float, latency_s: float | None, *, late_s: float = 0.0) -> Order:
    """One order due at `at` seconds into the run, confirmed so long after; None: lost."""
    book = OrderBook("lt-")
    intended = T0 + at
    placed = Placed(f"lt-{at}", intended, intended + late_s, intended + late_s + 0.01, 202, f"o-{at}")
    made = book.place(placed)
    stages = {"accepted": 0.01} | ({} if latency_s is None else {"confirmed": latency_s})
    made.heard[f"o-{at}"] = {stage: intended + after for stage, after in stages.items()}
    return made


def unanswered(at: float) -> Order:
    """One order due at `at` seconds into the run, whose request timed out."""
    intended = T0 + at
    return OrderBook("lt-").place(Placed(f"lt-{at}", intended, intended, intended + 30, 0, None))


def post(at: float, answer_ms: float = 20.0, name: str = "/orders", method: str = "POST") -> Request:
    """The request of an arrival."""
    return Request(T0 + at, T0 + at, T0 + at, method, name, 202, answer_ms, None)


def sample(at: float, depth: int = 0, **changes: Any) -> Sample:
    """A look `at` seconds into the run, with so many messages in the queue `payments`."""
    looked: dict[str, Any] = {
        "at": T0 + at,
        "queues": {"payments": QueueLook(depth, depth / 10)},
        "functions": {},
        "cpu_percent": 50.0,
    }
    return Sample(**{**looked, **changes})


def function(concurrency: int, cold_starts: int = 0) -> dict[str, FunctionLook]:
    """A look at the function `orders`."""
    return {"orders": FunctionLook(concurrency, cold_starts)}


def result(
    orders: Iterable[Order] = (),
    samples: Iterable[Sample] = (),
    *,
    requests: Iterable[Request] | None = None,
    scenario: str = "order",
    rate: float | None = 1.0,
    duration_s: float = 10.0,
    ended_s: float | None = None,
    **changes: Any,
) -> Result:
    """A run of that plan; `ended_s`: it was interrupted there. Each order has its request, if none are given."""
    orders = list(orders)
    told = (
        [post(order.placed.intended - T0) for order in orders if order.placed] if requests is None else list(requests)
    )
    plan = Plan(scenario, "http://127.0.0.1:4566", rate, None if rate else 3, duration_s, 2.0, 30.0, 1)
    options: dict[str, Any] = {
        "plan": plan,
        "run_id": "abc",
        "state": "complete" if ended_s is None else "interrupted",
        "engine": None,
        "started_at": T0,
        "ended_at": T0 + (duration_s if ended_s is None else ended_s),
        "orders": orders,
        "requests": told,
        "dropped": [],
        "samples": list(samples),
        "dead_letters": {},
    }
    return Result(**{**options, **changes})


def steady(rate: float, until: float, latency_s: Callable[[float], float | None], since: float = 0.0) -> list[Order]:
    """Evenly spaced orders with latencies by their instant."""
    count = round((until - since) * rate)
    return [order(since + number / rate, latency_s(since + number / rate)) for number in range(count)]
