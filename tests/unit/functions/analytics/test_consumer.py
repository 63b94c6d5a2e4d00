"""From the stream's records to the figures."""

from analytics.consumer import Counting
from analytics.period import Period
from analytics.sales import sold
from common.order_stream import consume_orders
from tests.unit.functions.analytics.memory import MemoryFigures
from tests.unit.functions.factories import stream_record, stream_record_with_unknown_fields

LINES = [("p1", 2, 250), ("p2", 1, 99)]
CONFIRMED = stream_record("o1", "PENDING", "CONFIRMED", LINES)
CANCELLED = stream_record("o1", "CONFIRMED", "CANCELLED", LINES)


def total(*records: dict[str, object]) -> tuple[int, int, int]:
    """What the figures say after these records, each in a batch of its own."""
    figures = MemoryFigures()
    for record in records:
        assert consume_orders({"Records": [record]}, Counting(figures)) == {"batchItemFailures": []}
    sales = sold(figures, Period())
    assert all(row.minute == "2026-11-21T10:15:00.000Z" for row in sales.by_minute)
    return sales.orders, sales.units, sales.revenue_cents


def test_confirmed_order_counts_in_the_minute_of_its_confirmation_until_it_is_cancelled() -> None:
    assert total(CONFIRMED) == (1, 3, 599)
    assert total(CONFIRMED, CANCELLED) == (0, 0, 0)


def test_repeated_and_late_records_change_nothing() -> None:
    other = stream_record("o2", "PENDING", "CONFIRMED")
    assert total(CONFIRMED, other, CONFIRMED) == (2, 4, 699)
    assert total(CANCELLED, other, CONFIRMED, CANCELLED) == (1, 1, 100)


def test_records_of_a_later_version_count_as_well() -> None:
    confirmed, taken_back = (stream_record_with_unknown_fields(each) for each in (CONFIRMED, CANCELLED))
    assert total(confirmed) == (1, 3, 599)
    assert total(confirmed, taken_back) == (0, 0, 0)


def test_other_changes_count_nothing() -> None:
    assert total(stream_record("o1", None, "PENDING"), stream_record("o1", "PENDING", "REJECTED")) == (0, 0, 0)
    assert total(stream_record("o1", "PENDING", "CANCELLED"), stream_record("o1", None, None)) == (0, 0, 0)


def test_all_of_a_batch_is_counted_at_once() -> None:
    figures = MemoryFigures()
    batch = [stream_record(f"o{number}", "PENDING", "CONFIRMED") for number in range(100)]
    assert consume_orders({"Records": [*batch, CONFIRMED, CANCELLED]}, Counting(figures)) == {"batchItemFailures": []}
    assert sold(figures, Period()).orders == 99


def test_order_that_was_stored_without_its_time_counts_when_it_was_accepted() -> None:
    records = [stream_record("o1", "PENDING", "CONFIRMED"), stream_record("o1", "CONFIRMED", "CANCELLED")]
    for record in records:
        for image in ("OldImage", "NewImage"):
            record["dynamodb"][image]["stages"]["M"].pop("confirmed", None)
    assert total(records[0]) == (1, 1, 100)
    assert total(*records) == (0, 0, 0)
