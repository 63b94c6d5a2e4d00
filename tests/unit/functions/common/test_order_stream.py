"""The stream of orders: what a record says, and which records of a batch come again."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from common.dynamodb import BusyError
from common.order_stream import OrderChange, consume_orders
from tests.unit.functions.factories import stream_record, stream_records


@dataclass
class Handler:
    """Notes what it is given; fails on the changes of the orders `failing`, `failures` times."""

    failing: frozenset[str] = frozenset()
    failures: int = 10**9
    done: list[str] = field(default_factory=list)

    def __call__(self, changes: Sequence[OrderChange]) -> None:
        names = [change.order.order_id for change in changes if change.order]
        if self.failing & set(names) and self.failures:
            self.failures -= 1
            raise RuntimeError("busy")
        self.done += names


def told(*statuses: str | None) -> tuple[bool, bool]:
    change = OrderChange.of(stream_record("o", *statuses))
    return change.sold is not None, change.taken_back is not None


def test_order_that_becomes_confirmed_is_sold_and_one_that_leaves_it_is_taken_back() -> None:
    assert told("PENDING", "CONFIRMED") == (True, False)
    assert told(None, "CONFIRMED") == (True, False)
    assert told("CONFIRMED", "CANCELLED") == (False, True)
    for statuses in ((None, "PENDING"), ("PENDING", "CANCELLED"), ("CONFIRMED", "CONFIRMED"), ("CONFIRMED", None)):
        assert told(*statuses) == (False, False)


def test_order_has_what_was_stored_and_attributes_of_others_do_not_matter() -> None:
    record = stream_record("o", "PENDING", "CONFIRMED", items=[("p1", 2, 250), ("p2", 1, 99)])
    record["dynamodb"]["NewImage"]["share"] = {"N": "0.5"}
    order = OrderChange.of(record).sold
    assert order is not None
    assert [(line.product_id, line.quantity, line.price_cents) for line in order.items] == [
        ("p1", 2, 250),
        ("p2", 1, 99),
    ]
    assert (order.total_cents, order.confirmed_at) == (599, "2026-11-21T10:15:31.000Z")


def test_batch_is_handled_at_once() -> None:
    handler = Handler()
    assert consume_orders(stream_records("a", "b"), handler) == {"batchItemFailures": []}
    assert handler.done == ["a", "b"]
    assert consume_orders({"Records": []}, handler) == {"batchItemFailures": []}


def test_changes_before_the_one_that_fails_are_done_and_it_comes_again_with_the_rest() -> None:
    handler = Handler(frozenset("c"))
    event = stream_records("a", "b", "c", "d")
    number = event["Records"][2]["dynamodb"]["SequenceNumber"]
    assert consume_orders(event, handler) == {"batchItemFailures": [{"itemIdentifier": number}]}
    assert handler.done == ["a", "b"]


def test_batch_whose_first_change_fails_fails_whole() -> None:
    handler = Handler(frozenset("a"))
    with pytest.raises(RuntimeError, match="busy"):
        consume_orders(stream_records("a", "b"), handler)
    assert handler.done == []


def test_batch_that_meets_a_busy_table_is_left_to_lambda_at_once() -> None:
    tried = []

    def busy(changes: Sequence[OrderChange]) -> None:
        tried.append(len(changes))
        raise BusyError("others changed the same figures")

    with pytest.raises(BusyError):
        consume_orders(stream_records("a", "b", "c"), busy)
    assert tried == [3]


def test_failure_that_does_not_last_is_none() -> None:
    handler = Handler(frozenset("b"), failures=1)
    assert consume_orders(stream_records("a", "b", "c"), handler) == {"batchItemFailures": []}
    assert handler.done == ["a", "b", "c"]


@pytest.mark.parametrize(
    "broken", [{"status": {"N": "1"}}, {"items": {"L": [{"M": {}}]}}, {"totalCents": {"N": "0.5"}}]
)
def test_record_that_is_no_order_stops_what_comes_after_it_alone(broken: dict[str, dict[str, object]]) -> None:
    handler = Handler()
    event = stream_records("a", "b", "c")
    event["Records"][1]["dynamodb"]["NewImage"] |= broken
    number = event["Records"][1]["dynamodb"]["SequenceNumber"]
    assert consume_orders(event, handler) == {"batchItemFailures": [{"itemIdentifier": number}]}
    assert handler.done == ["a"]
    with pytest.raises(ValueError, match=r"StreamedOrder|invalid literal"):
        consume_orders({"Records": event["Records"][1:]}, handler)
