"""The legs that messages tell of, and what they make of an order's time."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests import legs, times
from loadtests.figures import waterfall
from loadtests.hops import split
from loadtests.orders import Order, OrderBook
from loadtests.records import Placed

T0 = times.parse("2026-11-21T10:15:30.000Z")
START = round(T0 * 1000)


def leg(function: str, *at: int | None, attempt: int = 1, request_id: str = "") -> dict[str, Any]:
    """One as messages have it; `at`: published, queued, received, started, taken, in ms since the intended send."""
    names = ("publishedAt", "queuedAt", "receivedAt", "startedAt", "takenAt")
    stamps = {name: START + ms for name, ms in zip(names, at, strict=True) if ms is not None}
    return {"function": function, "requestId": request_id or f"r-{function}", "attempt": attempt, **stamps}


DIRECT = (
    leg("orders", None, None, 20, 30, 30),
    leg("inventory", 60, 64, 69, 72, 72),
    leg("payments", 85, 90, 93, 99, 105),
    leg("orders", 120, 122, 123, 125, 125, request_id="r-orders-2"),
    leg("notifications", 140, 145, 150, 155, 155),
)
STAGES = {"accepted": 40, "stock-reserved": 80, "payment-captured": 110, "confirmed": 130, "notified": 170}


SAGA = (
    leg("orders", None, None, 20, 30, 30),
    leg("inventory", 60, None, None, 70, 70),
    leg("orders", 85, None, None, 90, 90, request_id="r-orders-2"),
    leg("payments", 95, None, None, 105, 105),
    leg("orders", 112, None, None, 120, 120, request_id="r-orders-3"),
    leg("notifications", 140, 145, 150, 155, 155),
)


def heard(trail: Any, stages: dict[str, int], sent: int = 10, name: str = "lt-1") -> Order:
    """An order of which one message told, with these legs and stages."""
    book = OrderBook("lt-")
    order = book.place(Placed(name, T0, T0 + sent / 1000, T0 + 0.2, 202, "o-1"))
    timeline = [{"stage": stage, "at": times.render(T0 + ms / 1000)} for stage, ms in stages.items()]
    told = {"publishedAt": START + 999, "legs": list(trail)} if isinstance(trail, tuple) else trail
    book.hear({"orderId": "o-1", "correlationId": name, **timeline[-1], "timeline": timeline, "trail": told})
    return order


def rounded(order: Order, inits_ms: dict[str, float] | None = None) -> dict[str, dict[str, int] | None]:
    return {
        hop.name: hop.parts and {part: round(ms) for part, ms in hop.parts.items()}
        for hop in split(order, inits_ms or {})
    }


def test_order_of_a_saga_is_split() -> None:
    """Between two steps Step Functions works, then Lambda starts an environment: nobody stamps when."""
    assert rounded(heard(SAGA, STAGES), {"r-inventory": 6.0, "r-payments": 400.0}) == {
        "sent→accepted": {"generator": 10, "api": 10, "function_wait": 10, "running": 10},
        "accepted→stock-reserved": {"running": 30, "publish": 4, "cold_start": 6},
        "stock-reserved→payment-captured": {"running": 15, "publish": 5, "cold_start": 10},
        "payment-captured→confirmed": {"running": 12, "publish": 8},
        "confirmed→notified": {"running": 25, "publish": 5, "queue": 5, "function_wait": 5},
    }


def test_direct_order_is_split() -> None:
    assert rounded(heard(DIRECT, STAGES), {"r-inventory": 2.0, "r-orders": 400.0, "else": 1.0}) == {
        "sent→accepted": {"generator": 10, "api": 10, "cold_start": 10, "running": 10},
        "accepted→stock-reserved": {
            "running": 28,
            "publish": 4,
            "queue": 5,
            "function_wait": 1,
            "cold_start": 2,
        },
        "stock-reserved→payment-captured": {
            "running": 10,
            "publish": 5,
            "queue": 3,
            "function_wait": 6,
            "batch": 6,
        },
        "payment-captured→confirmed": {"running": 15, "publish": 2, "queue": 1, "function_wait": 2},
        "confirmed→notified": {"running": 25, "publish": 5, "queue": 5, "function_wait": 5},
    }


def test_rejection_takes_two_deliveries_in_one_hop() -> None:
    trail = (DIRECT[0], DIRECT[1], leg("orders", 80, 82, 84, 86, 86))
    assert rounded(heard(trail, {"accepted": 40, "rejected": 90}))["accepted→rejected"] == {
        "running": 20 + 8 + 4,
        "publish": 4 + 2,
        "queue": 5 + 2,
        "function_wait": 3 + 2,
    }


def test_asynchronous_intake_is_accepted_by_its_queue() -> None:
    trail = (leg("orders", None, 25, 40, 45, 45), leg("inventory", 60, 64, 69, 72, 72))
    assert rounded(heard(trail, {"accepted": 25, "stock-reserved": 80})) == {
        "sent→accepted": {"generator": 10, "api": 15},
        "accepted→stock-reserved": {"queue": 15 + 5, "function_wait": 5 + 3, "running": 15 + 8, "publish": 4},
    }


def test_redelivery_is_no_wait_for_a_function() -> None:
    trail = (DIRECT[0], leg("inventory", 60, 64, 69, 30_072, 30_072, attempt=2))
    parts = rounded(heard(trail, {"accepted": 40, "stock-reserved": 30_080}))["accepted→stock-reserved"]
    assert parts == {"running": 28, "publish": 4, "queue": 5, "redelivery": 30_003}


@pytest.mark.parametrize(
    "trail",
    [
        None,
        "x",
        (),
        {"legs": 3},
        {"legs": [3]},
        {"legs": [{"function": "orders"}]},
        {"legs": [{**DIRECT[0], "startedAt": "x"}]},
        {"legs": [{**DIRECT[0], "queuedAt": []}]},
    ],
)
def test_order_without_readable_legs_is_told_and_not_split(trail: Any) -> None:
    order = heard(trail, STAGES)
    assert (order.via, order.status) == ((), "CONFIRMED")
    assert set(rounded(order).values()) == {None}
    assert waterfall.of([order], {}) is None


def test_what_the_sweep_published_is_not_split_before_it() -> None:
    trail = (leg("inventory", None, 60_064, 60_069, 60_072, 60_072),)
    assert rounded(heard(trail, {"accepted": 40, "stock-reserved": 60_080})) == {
        "sent→accepted": None,
        "accepted→stock-reserved": None,
    }


def test_stage_that_an_earlier_delivery_noted_is_not_split() -> None:
    trail = (*DIRECT[:3], leg("orders", 120, 122, 123, 30_125, 30_125, attempt=2))
    hops = rounded(heard(trail, {**STAGES, "notified": 30_200}))
    assert hops["payment-captured→confirmed"] is None
    assert hops["stock-reserved→payment-captured"] is not None


def test_duplicated_order_is_not_split() -> None:
    order = heard(DIRECT, STAGES)
    order.heard["o-2"] = {"accepted": T0}
    assert set(rounded(order).values()) == {None}


def test_longest_way_is_kept() -> None:
    book = OrderBook("lt-")
    for count in (4, 5, 1):
        body = {"orderId": "o-1", "correlationId": "lt-1", "trail": {"publishedAt": 1, "legs": list(DIRECT[:count])}}
        book.hear({**body, "stage": "confirmed", "at": times.render(T0)})
    (order,) = book
    assert [each.function for each in order.via] == ["orders", "inventory", "payments", "orders", "notifications"]
    assert order.via == legs.of_message({"trail": {"legs": list(DIRECT)}})


def test_only_a_sample_of_many_orders_keeps_its_legs() -> None:
    book = OrderBook("lt-", trace_every=4)
    for number in range(4_000):
        body = {"orderId": f"o-{number}", "correlationId": f"lt-{number}", "stage": "accepted", "at": times.render(T0)}
        book.hear({**body, "trail": {"publishedAt": 1, "legs": list(DIRECT)}})
    assert sum(bool(order.via) for order in book) == pytest.approx(1_000, rel=0.1)


_instants = st.lists(st.integers(0, 500), min_size=28, max_size=28)


@given(_instants, st.booleans())
def test_parts_add_up_to_their_hop_whatever_the_clocks_say(instants: list[int], is_sorted: bool) -> None:
    numbers = iter(sorted(instants) if is_sorted else instants)
    trail = tuple(leg(f"f{n}", *(next(numbers) for _ in range(5)), attempt=1 + n % 2) for n in range(4))
    stages = {name: next(numbers) for name in STAGES}
    order = heard(trail, stages, sent=next(numbers))
    whole = dict(order.hops_ms())
    for hop in split(order, {"r-f1": 30.0}):
        assert hop.parts is None or whole[hop.name] < 0 or sum(hop.parts.values()) == pytest.approx(whole[hop.name])


def test_waterfall_adds_up() -> None:
    orders = [heard(DIRECT, STAGES), heard(DIRECT, STAGES), heard(None, STAGES)]
    rows = waterfall.of(orders, {"r-inventory": 3.0})
    assert rows is not None
    assert [row["hop"] for row in rows] == [
        "sent→accepted",
        "accepted→stock-reserved",
        "stock-reserved→payment-captured",
        "payment-captured→confirmed",
        "confirmed→notified",
    ]
    row = rows[1]
    assert (row["count"], row["unsplit"], row["mean_ms"]) == (2, 1, 40.0)
    assert row["parts"]["cold_start"] == {"count": 2, "mean_ms": 3.0, "p50_ms": 3.0, "p95_ms": 3.0}
    assert list(row["parts"]) == ["publish", "queue", "cold_start", "running"]
    assert row["running"] == {"inventory": 8.0, "orders": 20.0}
    for row in rows:
        assert sum(row["running"].values()) == pytest.approx(row["parts"]["running"]["mean_ms"])
        assert sum(part["mean_ms"] for part in row["parts"].values()) == pytest.approx(row["mean_ms"])


def test_part_that_few_orders_have_counts_for_all() -> None:
    cold = heard(DIRECT, STAGES)
    warm = heard((DIRECT[0], leg("inventory", 60, 64, 69, 72, 72, request_id="r-warm"), *DIRECT[2:]), STAGES)
    rows = waterfall.of([cold, warm], {"r-inventory": 3.0})
    assert rows is not None
    assert rows[1]["parts"]["cold_start"] == {"count": 1, "mean_ms": 1.5, "p50_ms": 1.5, "p95_ms": 2.85}
