"""A run that never was, of any size, with everything in it that the report has to show."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from loadtests import times
from loadtests.figures import cost
from loadtests.looks import FunctionLook, QueueLook, Sample
from loadtests.orders import Order
from loadtests.plan import Plan
from loadtests.records import Placed, Request
from loadtests.result import Result

T0 = times.parse("2026-11-21T10:15:30.000Z")
USED = json.loads(Path(__file__).with_name("used_by_ten_orders.json").read_text())
"""What the engine counted for `make load RATE=2 DURATION=5 WARMUP=0`, ten orders on choreography; zeros left out."""

QUEUES = ("inventory", "payments", "orders", "notifications")
PARTS = ("engine", "functions", "dynamodb", "harness")
HOPS = (("accepted", 0.05), ("stock-reserved", 0.06), ("payment-captured", 0.09), ("confirmed", 0.02))


def sample(orders: int = 600, rate: float = 20.0, **changes: Any) -> Result:
    """A result of so many orders at so many a second: some rejected, some lost, one duplicated, some refused."""
    chance = random.Random(orders)
    duration_s = max(orders / rate, 5.0)
    made = list(_orders(orders, rate, chance))
    options: dict[str, Any] = {
        "plan": Plan("order", "http://127.0.0.1:4566", rate, None, duration_s, 2.0, 30.0, 2),
        "run_id": "0a1b2c3d",
        "state": "complete",
        "engine": "localstack 4.14.0",
        "started_at": T0,
        "ended_at": T0 + duration_s,
        "orders": made,
        "requests": list(_requests(made, chance)),
        "dropped": [],
        "samples": list(_samples(duration_s, chance)),
        "dead_letters": {"payments": 2} if orders else {},
        "functions_before": {name: _function(chance, 0) for name in QUEUES},
        "functions_after": {name: _function(chance, orders) for name in QUEUES},
    }
    return Result(**{**options, **changes})


def _orders(count: int, rate: float, chance: random.Random) -> Iterator[Order]:
    for number in range(count):
        intended = T0 + number / rate
        sent = intended + chance.uniform(0.0002, 0.003)
        answered = sent + chance.lognormvariate(-3.0, 0.3)
        order_id = None if number % 150 == 7 else f"order-{number}"
        placed = Placed(f"lt-sample-{number}", intended, sent, answered, 202 if order_id else 503, order_id)
        order = Order(placed.correlation_id, placed)
        if order_id:
            order.heard[order_id] = dict(_stages(number, sent, chance))
            if number == 40:
                order.heard["order-40-again"] = dict(order.heard[order_id])
        yield order


def _stages(number: int, sent: float, chance: random.Random) -> Iterator[tuple[str, float]]:
    """Every 25th order is rejected, every 200th is not heard of after its payment."""
    at = sent
    for stage, mean_s in HOPS:
        if stage == "confirmed" and number % 200 == 11:
            return
        if stage == "payment-captured" and number % 25 == 3:
            yield "rejected", at + 0.01
            return
        at += chance.lognormvariate(0, 0.5) * mean_s
        yield stage, at
    yield "notified", at + chance.uniform(0.02, 0.08)


def _requests(orders: list[Order], chance: random.Random) -> Iterator[Request]:
    for order in orders:
        placed = order.placed
        assert placed is not None
        for name in ("/products", "/products/{productId}"):
            at = placed.intended - 0.2
            yield Request(placed.intended, at, at + 0.001, "GET", name, 200, chance.lognormvariate(2, 0.4), None)
        failure = None if placed.order_id else "503: the service is busy"
        service_ms = (placed.answered - placed.sent) * 1000
        yield Request(
            placed.intended, placed.intended, placed.sent, "POST", "/orders", placed.http_status, service_ms, failure
        )


def _samples(duration_s: float, chance: random.Random) -> Iterator[Sample]:
    """From two seconds before the window to three after it; each function starts another environment in the run."""
    cpu_s, memory_mb = dict.fromkeys(PARTS, 100.0), dict.fromkeys(PARTS, 200.0)
    for second in range(-2, int(duration_s) + 3):
        depths = {name: chance.randrange(0, 4 * (number + 1)) for number, name in enumerate(QUEUES)}
        queues = {name: QueueLook(depth, depth * 0.05 if depth else None) for name, depth in depths.items()}
        functions = {
            name: FunctionLook(
                chance.randrange(0, number + 2),
                1 + (second >= 5 * number),
                20 * (second + 2),
                busy_s=0.3 * (second + 2),
                api_ran_s=0.1 * (second + 2),
            )
            for number, name in enumerate(QUEUES)
        }
        for number, part in enumerate(PARTS):
            cpu_s[part] += chance.uniform(0.05, 0.3) * (number + 1)
            memory_mb[part] += chance.uniform(-1, 1.2)
        yield Sample(T0 + second, queues, functions, chance.uniform(40, 80), dict(cpu_s), dict(memory_mb))


def _function(chance: random.Random, invocations: int) -> dict[str, Any]:
    figures = {"p50_ms": chance.uniform(3, 9), "p99_ms": chance.uniform(15, 40), "max_concurrency": 7}
    return {"invocations": invocations, "errors": 0, "throttles": 0, "cold_starts": min(invocations, 3), **figures}


def extras() -> dict[str, Any]:
    """What a summary of other scenarios has besides: all of it at once."""
    latency = {"count": 200, "p50_ms": 210.0, "p90_ms": 320.0, "p95_ms": 380.0, "p99_ms": 510.0, "max_ms": 640.0}
    return {
        "waterfall": [_hop("sent→accepted", ("generator", "api", "function_wait", "cold_start", "running"))]
        + [
            _hop(f"{one}→{other}", ("publish", "queue", "function_wait", "running"))
            for one, other in (
                ("accepted", "stock-reserved"),
                ("stock-reserved", "payment-captured"),
                ("stock-reserved", "rejected"),
                ("payment-captured", "confirmed"),
                ("confirmed", "notified"),
            )
        ],
        "scaling": [_step(number, latency) for number in range(1, 6)],
        "recovery": {
            "spike_from_s": 10.0,
            "spike_to_s": 20.0,
            "peak_depth": 140,
            "queue_back_after_s": 4.2,
            "latency_back_after_s": None,
        },
        "drift": {
            "latency": {"first_p50_ms": 210.0, "last_p50_ms": 214.0, "ratio": 1.019},
            "cpu": {"first_ms_per_order": 31.4, "last_ms_per_order": 31.9, "ratio": 1.016},
            "memory": {"engine": {"first_mb": 402.0, "last_mb": 404.5, "mb_per_hour": 10.0}},
        },
        "stock": {"productId": "flash-1", "before": 100, "after": 0, "confirmed_units": 100, "expected_units": 100},
        "harness": {
            "generator_cpu_percent": 11.5,
            "probe_cpu_percent": 4.0,
            "clock_offset_ms": -0.4,
            "processes": [{"worker": 0, "sent": 300, "clock_offset_ms": None}],
        },
        "cost": cost.told(sample(20, usage_before={"since": USED["since"]}, usage_after=USED)),
        "repeat": "make load SCENARIO=order RATE=20 DURATION=30",
    }


def _hop(name: str, parts: tuple[str, ...]) -> dict[str, Any]:
    figures = {
        part: {"count": 500, "mean_ms": 6.0 * number, "p50_ms": 5.0 * number, "p95_ms": 11.0 * number}
        for number, part in enumerate(parts, start=1)
    }
    return {"hop": name, "count": 500, "unsplit": 0, "mean_ms": 60.0, "parts": figures}


def _step(number: int, latency: dict[str, Any]) -> dict[str, Any]:
    slower = {key: value * number if key.endswith("_ms") else value for key, value in latency.items()}
    return {
        "rate_per_s": 4.0 * number,
        "from_s": 6.0 * (number - 1),
        "to_s": 6.0 * number,
        "asked": 24 * number,
        "sent": 24 * number,
        "throughput_per_s": 4.0 * number - 0.1 * number**2,
        "sync": {key: value / 5 if key.endswith("_ms") else value for key, value in slower.items()},
        "async": slower,
        "max_concurrency": {"orders": number, "payments": 2 * number},
        "cold_starts": {"orders": 1, "payments": 0},
        "queues": {"payments": {"max_depth": 3 * number, "max_age_s": 0.2 * number}},
        "cpu_ms_per_order": {"engine": 21.0, "functions": 35.5},
        "lost": 0,
    }
