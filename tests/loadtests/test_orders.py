from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests import times
from loadtests.orders import OrderBook
from loadtests.records import Placed

T0 = times.parse("2026-11-21T10:15:30.000Z")
PATH = ("accepted", "stock-reserved", "payment-captured", "confirmed", "notified")


def placed(name: str = "lt-1-a", order_id: str | None = "o-1", intended: float = T0) -> Placed:
    return Placed(name, intended, intended + 0.001, intended + 0.05, 202 if order_id else 500, order_id)


def message(
    stage: str, ms: int, *before: tuple[str, int], name: str = "lt-1-a", order_id: str = "o-1"
) -> dict[str, Any]:
    timeline = [{"stage": s, "at": times.render(T0 + t / 1000)} for s, t in (*before, (stage, ms))]
    return {"orderId": order_id, "correlationId": name, **timeline[-1], "timeline": timeline}


def happy_path() -> list[dict[str, Any]]:
    moments = [(stage, (number + 1) * 100) for number, stage in enumerate(PATH)]
    return [message(*moments[i], *moments[:i]) for i in range(len(moments))]


def test_order_is_lost_until_a_final_stage_is_heard_of() -> None:
    book = OrderBook("lt-1-")
    order = book.place(placed())
    assert (order.status, book.outstanding) == ("LOST", 1)
    for part in happy_path()[:3]:
        assert book.hear(part) is None
    assert book.outstanding == 1
    assert book.hear(happy_path()[3]) is order
    assert (order.status, book.outstanding, book.unnotified) == ("CONFIRMED", 0, 1)
    book.hear(happy_path()[4])
    assert book.unnotified == 0
    assert order.latency_ms == pytest.approx(400)
    assert {hop: round(ms) for hop, ms in order.hops_ms()} == {
        "sent→accepted": 100,
        "accepted→stock-reserved": 100,
        "stock-reserved→payment-captured": 100,
        "payment-captured→confirmed": 100,
        "confirmed→notified": 100,
    }


@given(st.data())
def test_order_book_is_indifferent_to_order_and_repetition(data: st.DataObject) -> None:
    told = data.draw(st.permutations([*happy_path(), *happy_path(), None]))
    book = OrderBook("lt-1-")
    for part in told:
        if part is None:
            book.place(placed())
        else:
            book.hear(part)
    (order,) = book
    assert (order.status, order.duplicated, order.latency_ms) == ("CONFIRMED", False, pytest.approx(400))
    assert list(order.stages) == list(PATH)
    assert (book.outstanding, book.unnotified, book.unreadable) == (0, 0, 0)


@given(st.data())
def test_confirmed_message_alone_tells_the_whole_timeline(data: st.DataObject) -> None:
    kept = data.draw(st.sets(st.sampled_from(range(5)))) | {3}
    book = OrderBook("lt-1-")
    order = book.place(placed())
    for i in kept:
        book.hear(happy_path()[i])
    assert list(order.stages)[:4] == list(PATH[:4])


def test_final_stage_is_announced_once() -> None:
    book = OrderBook("lt-1-")
    order = book.place(placed())
    assert book.hear(message("confirmed", 5)) is order
    assert book.hear(message("confirmed", 5)) is None


def test_foreign_orders_are_ignored() -> None:
    book = OrderBook("lt-1-")
    for name in ("lt-2-a", "", "somebody"):
        book.hear(message("confirmed", 5, name=name, order_id="o-9"))
    book.hear({**message("confirmed", 5, order_id="o-9"), "correlationId": None})
    assert list(book) == []
    assert book.unreadable == 0


def test_message_without_our_correlation_id_is_matched_by_order_id() -> None:
    book = OrderBook("lt-1-")
    order = book.place(placed())
    book.hear({**message("confirmed", 5), "correlationId": None})
    assert order.status == "CONFIRMED"


@pytest.mark.parametrize(
    "broken",
    [
        {"stage": "confirmed", "at": "yesterday"},
        {"orderId": None, "stage": "confirmed"},
        {"timeline": [{"stage": "confirmed"}]},
        {"timeline": 7},
        {"at": None},
    ],
)
def test_unreadable_message_is_counted_and_changes_nothing(broken: dict[str, Any]) -> None:
    book = OrderBook("lt-1-")
    order = book.place(placed())
    told = {**message("confirmed", 5), **broken}
    if told["orderId"] is None:
        del told["orderId"]
    book.hear(told)
    assert (book.unreadable, order.status) == (1, "LOST")


def test_two_orders_of_one_correlation_id_are_a_duplicate() -> None:
    book = OrderBook("lt-1-")
    order = book.place(placed())
    book.hear(message("confirmed", 5))
    assert not order.duplicated
    book.hear(message("accepted", 6, order_id="o-2"))
    assert (order.duplicated, order.status) == (True, "CONFIRMED")


def test_final_status_of_the_other_order_does_not_save_the_accepted_one() -> None:
    book = OrderBook("lt-1-")
    order = book.place(placed())
    book.hear(message("confirmed", 5, order_id="o-2"))
    assert (order.duplicated, order.status, order.latency_ms) == (True, "LOST", None)


@pytest.mark.parametrize(
    ("stages", "status", "duplicated"),
    [
        (("confirmed", "rejected"), "CONFIRMED", True),
        (("confirmed", "cancelled"), "CANCELLED", False),
        (("rejected", "cancelled"), "CANCELLED", True),
        (("cancelled",), "CANCELLED", False),
        (("rejected",), "REJECTED", False),
    ],
)
def test_final_stages_that_exclude_each_other_are_a_duplicate(
    stages: tuple[str, ...], status: str, duplicated: bool
) -> None:
    book = OrderBook("lt-1-")
    order = book.place(placed())
    for number, stage in enumerate(stages):
        book.hear(message(stage, number))
    assert (order.status, order.duplicated) == (status, duplicated)


def test_order_that_was_not_accepted_is_not_lost() -> None:
    book = OrderBook("lt-1-")
    order = book.place(placed(order_id=None))
    assert (order.status, order.latency_ms, list(order.hops_ms()), book.outstanding) == (
        "NOT_ACCEPTED",
        None,
        [],
        0,
    )
    book.hear(message("confirmed", 5))
    assert order.status == "NOT_ACCEPTED"


def test_order_cancelled_before_it_was_decided_has_no_latency() -> None:
    book = OrderBook("lt-1-")
    order = book.place(placed())
    book.hear(message("cancelled", 5))
    assert order.latency_ms is None
    assert (book.outstanding, book.unnotified) == (0, 0)


@pytest.mark.parametrize(
    ("moments", "out_of_order"),
    [
        ({"accepted": 0, "stock-reserved": 10, "payment-captured": 20, "confirmed": 30, "notified": 40}, False),
        ({"accepted": 0, "stock-reserved": 0, "payment-captured": 0, "confirmed": 0, "notified": 0}, False),
        ({"accepted": 0, "stock-reserved": 20, "payment-captured": 10, "confirmed": 30}, True),
        ({"accepted": 0, "payment-captured": 20, "confirmed": 10}, True),
        ({"accepted": 20, "rejected": 10}, True),
        ({"accepted": 0, "confirmed": 30, "notified": 20}, True),
        ({"accepted": 0, "cancelled": 5, "payment-captured": 20}, False),
        ({"accepted": 0, "confirmed": 30, "cancelled": 50, "notified": 40}, False),
        ({"notified": 40}, False),
    ],
)
def test_order_is_out_of_order_by_the_times_of_its_stages(moments: dict[str, int], out_of_order: bool) -> None:
    book = OrderBook("lt-1-")
    order = book.place(placed())
    for stage, ms in reversed(moments.items()):
        book.hear(message(stage, ms))
    assert order.out_of_order == out_of_order


def test_order_that_is_decided_too_late_is_late_and_not_lost() -> None:
    book = OrderBook("lt-1-", late_after_s=2.0)
    order = book.place(placed())
    assert (order.late, order.status) == (False, "LOST")
    book.hear(message("confirmed", 2_001))
    assert (order.late, order.status) == (True, "CONFIRMED")
    other = book.place(placed("lt-1-b", "o-2"))
    book.hear(message("confirmed", 2_000, name="lt-1-b", order_id="o-2"))
    assert not other.late
