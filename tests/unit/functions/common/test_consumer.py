"""Records of a batch, each on its own."""

from typing import Any

import pytest

from common.consumer import consume, on_bus_events
from common.events import OrderEvent
from common.log import logger
from tests.unit.functions.factories import (
    Context,
    bus_record,
    order_event,
    record_with_unknown_fields,
    sqs_event,
    sqs_record,
)


def failures(response: Any) -> list[str]:
    """The messages that come again."""
    return [failure["itemIdentifier"] for failure in response["batchItemFailures"]]


def test_only_the_failed_records_come_again() -> None:
    def react(event: OrderEvent) -> None:
        if event.data.order_id == "bad":
            raise ConnectionError

    records = [bus_record("OrderPlaced", order_event(name)) for name in ("a", "bad", "b", "bad")]
    response = consume(sqs_event(*records), Context(), on_bus_events({"OrderPlaced": react}))
    assert failures(response) == [records[1]["messageId"], records[3]["messageId"]]


def test_empty_batch_is_done_with() -> None:
    assert consume({"Records": []}, Context(), lambda record: None) == {"batchItemFailures": []}


def test_batch_that_fails_whole_is_reported_not_raised() -> None:
    record = sqs_record("not json")
    assert failures(consume(sqs_event(record), Context(), on_bus_events({}))) == [record["messageId"]]


@pytest.mark.parametrize("body", ["", "{}", "[]", '{"detail-type": "OrderPlaced", "detail": {}}'])
def test_record_that_is_no_event_fails(body: str) -> None:
    assert failures(consume(sqs_event(sqs_record(body)), Context(), on_bus_events({})))


def test_unknown_type_is_done_with() -> None:
    record = bus_record("SomethingNew", order_event())
    assert failures(consume(sqs_event(record), Context(), on_bus_events({}))) == []


def test_unknown_fields_are_ignored() -> None:
    seen: list[OrderEvent] = []
    record = record_with_unknown_fields(bus_record("OrderPlaced", order_event()))
    consume(sqs_event(record), Context(), on_bus_events({"OrderPlaced": seen.append}))
    assert seen == [order_event()]


def test_log_lines_have_the_keys_of_their_own_record(log_lines: list[dict[str, Any]]) -> None:
    def react(event: OrderEvent) -> None:
        logger.info("at work")
        raise ConnectionError

    records = (bus_record("OrderPlaced", order_event("a")), sqs_record("not json"))
    consume(sqs_event(*records), Context(), on_bus_events({"OrderPlaced": react}))
    assert [line.get("order_id") for line in log_lines] == ["a", "a", None]
    assert [line.get("correlation_id") for line in log_lines] == ["corr-1", "corr-1", None]
    first, second = (record["messageId"] for record in records)
    assert [line["message_id"] for line in log_lines] == [first, first, second]
