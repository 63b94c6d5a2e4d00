from __future__ import annotations

import json
from typing import Any

import pytest

from loadtests import slo, summary, times
from loadtests.looks import FunctionLook, QueueLook, Sample
from loadtests.orders import OrderBook
from loadtests.plan import Plan
from loadtests.records import Placed, Request
from loadtests.result import Result

T0 = times.parse("2026-11-21T10:15:30.000Z")
PLAN = Plan("order", "http://127.0.0.1:4566", 2.0, None, 5.0, 1.0, 30.0, 1)
LATENCY = {"count", "p50_ms", "p90_ms", "p95_ms", "p99_ms", "max_ms"}
COUNTS = {"accepted", "confirmed", "rejected", "cancelled", "lost", "duplicated", "late", "out_of_order"}


def book_of(count: int, warmup: int = 2) -> OrderBook:
    """Orders every half second, the last of them lost; those of the warm-up are confirmed."""
    book = OrderBook("lt-")
    for number in range(-warmup, count):
        at = T0 + number / 2
        book.place(Placed(f"lt-{number}", at, at + 0.002, at + 0.05, 202, f"o-{number}"))
        if number < count - 1:
            stages = {
                "accepted": 0.04,
                "stock-reserved": 0.1,
                "payment-captured": 0.2,
                "confirmed": 0.201,
                "notified": 0.3,
            }
            timeline = [{"stage": stage, "at": times.render(at + after)} for stage, after in stages.items()]
            book.hear({"orderId": f"o-{number}", "correlationId": f"lt-{number}", "timeline": timeline})
    return book


def result(**changes: Any) -> Result:
    requests = [
        Request(T0 + i / 2, T0 + i / 2, T0 + i / 2 + 0.002, "POST", "/orders", 202, 48.0, None if i else "no")
        for i in range(-2, 10)
    ]
    figures = {"invocations": 30, "errors": 1, "throttles": 0, "cold_starts": 2, "p50_ms": 5.0, "p99_ms": 9.0}
    options: dict[str, Any] = {
        "plan": PLAN,
        "run_id": "abc",
        "state": "complete",
        "engine": "localstack 4.14.0",
        "started_at": T0,
        "ended_at": T0 + 5,
        "orders": list(book_of(10)),
        "requests": requests,
        "dropped": [T0 - 0.5, T0 + 1],
        "samples": [
            Sample(T0 + i, {"payments": QueueLook(i, i / 10)}, {"orders": FunctionLook(3)}, 50.0) for i in range(5)
        ],
        "dead_letters": {"payments": 1},
        "functions_before": {"orders": {**figures, "invocations": 10, "max_concurrency": 7}},
        "functions_after": {"orders": {**figures, "max_concurrency": 7}, "payments": {"invocations": 4}},
    }
    return Result(**{**options, **changes})


def test_summary_has_the_shape_of_the_contract() -> None:
    built = summary.build(result(), [slo.parse("orders.lost == 0")])
    contract = [
        "scenario", "engine", "host", "started_at", "duration_s", "arrival", "orders", "sync", "async",
        "functions", "queues", "saturation", "slo", "cost_usd_per_million_orders",
    ]  # fmt: skip
    assert list(built)[: len(contract)] == contract
    assert list(built["arrival"].items())[:3] == [("model", "open"), ("rate_per_s", 2.0), ("users", None)]
    assert built["orders"] == {
        "accepted": 10, "confirmed": 9, "rejected": 0, "cancelled": 0, "lost": 1, "duplicated": 0,
        "late": 0, "out_of_order": 0,
    }  # fmt: skip
    assert set(built["sync"]["POST /orders"]) == LATENCY | {"failures", "spread_ms"}
    assert set(built["async"]["order"]) == LATENCY | {"spread_ms"}
    assert [set(figures) for figures in built["async"]["stages"].values()] == [LATENCY] * 5
    assert built["queues"] == {"payments": {"max_depth": 4, "max_age_s": 0.4, "dead_letters": 1}}
    assert built["slo"] == [{"rule": "orders.lost == 0", "value": 1.0, "ok": False}]
    assert built["started_at"] == "2026-11-21T10:15:30.000Z"
    json.dumps(built, allow_nan=False)


def test_summary_leaves_the_warmup_out_and_counts_it_apart() -> None:
    built = summary.build(result(), [])
    assert (built["sync"]["POST /orders"]["count"], built["sync"]["POST /orders"]["failures"]) == (10, 1)
    assert built["async"]["order"]["count"] == 9
    assert (built["run"]["intended"], built["run"]["dropped"]) == (11, 1)
    assert built["run"]["warmup"]["accepted"] == 2
    assert set(built["run"]["warmup"]) == COUNTS


def test_latency_counts_from_the_intended_send() -> None:
    built = summary.build(result(), [])
    assert built["sync"]["POST /orders"]["p50_ms"] == pytest.approx(50, abs=0.1)
    assert built["async"]["order"]["p50_ms"] == pytest.approx(201, abs=0.1)
    assert built["async"]["stages"]["sent→accepted"]["p50_ms"] == pytest.approx(40, abs=0.1)


def test_functions_are_counted_in_the_run_alone() -> None:
    built = summary.build(result(), [])["functions"]
    assert (built["orders"]["invocations"], built["orders"]["errors"]) == (20, 0)
    assert built["orders"]["max_concurrency"] == 3
    assert built["payments"]["invocations"] == 4
    assert built["payments"]["p50_ms"] is None


def test_functions_are_null_when_the_engine_tells_nothing() -> None:
    assert summary.build(result(functions_after=None), [])["functions"] is None


def test_interrupted_run_does_not_claim_losses() -> None:
    built = summary.build(result(state="interrupted"), [slo.parse("orders.lost == 0")])
    assert built["orders"]["lost"] is None
    assert not summary.passed(built)


def test_interrupted_run_whose_orders_were_all_decided_has_lost_none() -> None:
    built = summary.build(result(state="interrupted", orders=list(book_of(10))[:-1]), [])
    assert built["orders"]["lost"] == 0


def test_empty_run_is_summed_up_without_values() -> None:
    empty = result(orders=[], requests=[], samples=[], dropped=[], functions_after=None)
    built = summary.build(empty, slo.load("order"))
    assert built["async"] == {"order": dict.fromkeys(LATENCY | {"spread_ms"}, None) | {"count": 0}, "stages": {}}
    assert (built["sync"], built["queues"]) == ({}, {})
    assert not summary.passed(built)


def test_late_generator_is_blamed() -> None:
    book = OrderBook("lt-")
    book.place(Placed("lt-1", T0, T0 + 0.5, T0 + 0.6, 202, "o-1"))
    built = summary.build(result(orders=list(book), requests=[]), [])
    assert built["saturation"]["limit"] == "generator"
    assert "500.0 ms late" in built["saturation"]["evidence"]


def test_generator_is_not_blamed_for_a_stack_that_is_slower_by_far() -> None:
    book = OrderBook("lt-")
    book.place(Placed("lt-1", T0, T0 + 0.06, T0 + 15, 202, "o-1"))
    assert summary.build(result(orders=list(book), dropped=[]), [])["saturation"]["limit"] is None


def test_summary_has_a_row_of_the_scaling_table_for_a_constant_rate() -> None:
    built = summary.build(result(), [])
    (row,) = built["scaling"]
    assert (row["rate_per_s"], row["from_s"], row["to_s"], row["lost"]) == (2.0, 0.0, 5.0, 1)
    assert row["async"]["p50_ms"] == built["async"]["order"]["p50_ms"]
    assert row["sync"]["p50_ms"] == built["sync"]["POST /orders"]["p50_ms"]
    assert (built["recovery"], built["drift"]) == (None, None)


def test_errors_are_kinds_the_most_frequent_first() -> None:
    requests = [
        Request(T0, T0, T0, "GET", "/products/{productId}", 500, 9.0, f"BadStatusCode('http://h/p/{i}', code=500)")
        for i in range(2)
    ]
    requests += [Request(T0, T0, T0, "GET", "/products", 0, 9.0, f"kind {i}") for i in range(25)]
    built = summary.build(result(requests=requests), [])["errors"]
    assert built[0] == {"request": "GET /products/{productId}", "what": "answered 500", "count": 2}
    assert len(built) == 20
    assert summary.build(result(requests=[]), [])["errors"] == []
