"""Envelopes and publishing."""

import json
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from common.clock import after, now
from common.events import EventPublisher, EventType, OrderEvent, PublishError, Reason, Stage
from common.events.stages import in_order
from tests.unit.functions.factories import ACCEPTED_AT, order_event


def test_event_on_the_wire() -> None:
    event = order_event().reached(Stage.STOCK_RESERVED, "2026-11-21T10:15:30.200Z")
    assert json.loads(event.to_json()) == {
        "metadata": {
            "version": 1,
            "correlationId": "corr-1",
            "stages": {"accepted": ACCEPTED_AT, "stock-reserved": "2026-11-21T10:15:30.200Z"},
        },
        "data": {
            "orderId": "order-1",
            "customerId": "alice",
            "customerEmail": "alice@example.com",
            "items": [{"productId": "p1", "quantity": 1, "priceCents": 100}],
            "totalCents": 100,
            "payment": {"method": "card", "token": "tok_ok"},
        },
    }


def test_event_round_trip_ignores_what_it_does_not_know() -> None:
    event = order_event().because(Reason.OUT_OF_STOCK)
    wire = json.loads(event.to_json())
    wire["data"]["coupon"] = "XMAS"
    wire["metadata"]["trace"] = {"id": 1}
    assert OrderEvent.model_validate(wire) == event


def test_steps_leave_the_event_before_as_it_was() -> None:
    event = order_event()
    event.reached(Stage.CONFIRMED, now()).because(Reason.PAYMENT_DECLINED)
    assert event == order_event()


def test_timeline_is_by_time_then_by_stage() -> None:
    same = "2026-11-21T10:15:30.200Z"
    stages = {
        "confirmed": same,
        "payment-captured": same,
        "accepted": ACCEPTED_AT,
        "notified": after(same, 1),
    }
    assert [stage for stage, _ in in_order(stages)] == [
        "accepted",
        "payment-captured",
        "confirmed",
        "notified",
    ]


def test_times_have_milliseconds_and_a_z() -> None:
    assert after("2026-11-21T23:59:59.999Z", 0.001) == "2026-11-22T00:00:00.000Z"
    assert len(now()) == len("2026-11-21T10:15:30.123Z")


@pytest.fixture
def client() -> Any:
    """A client that is never connected."""
    return boto3.client("events")


def test_publisher_sends_ten_a_call(client: Any) -> None:
    with Stubber(client) as stub:
        for size in (10, 2):
            entry = {
                "EventBusName": "shop",
                "Source": "shop.test",
                "DetailType": "OrderPlaced",
                "Detail": ANY,
            }
            stub.add_response("put_events", {"FailedEntryCount": 0, "Entries": []}, {"Entries": [entry] * size})
        EventPublisher(client, "shop", "shop.test").publish(EventType.ORDER_PLACED, [order_event()] * 12)
        stub.assert_no_pending_responses()


def test_publisher_raises_when_an_entry_is_not_taken(client: Any) -> None:
    refused = {"FailedEntryCount": 1, "Entries": [{"EventId": "1"}, {"ErrorCode": "InternalFailure"}]}
    with Stubber(client) as stub:
        stub.add_response("put_events", refused)
        with pytest.raises(PublishError, match=r"1 of 2 OrderPlaced not taken.*InternalFailure"):
            EventPublisher(client, "shop", "s").publish(EventType.ORDER_PLACED, [order_event()] * 2)
