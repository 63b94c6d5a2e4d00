"""What really goes over the bus and the topic, against the catalogue; and one correlation id, hop by hop."""

import json
import uuid

import pytest

from tests.waiting import until

HAPPY_PATH = {"accepted", "stock-reserved", "payment-captured", "confirmed", "notified"}


def _by_type(events):
    return {event["detail-type"]: event for event in events}


@pytest.mark.choreography
@pytest.mark.parametrize(
    ("stock", "token", "last", "types"),
    [
        (1, "tok_ok", "confirmed", {"OrderPlaced", "StockReserved", "PaymentCaptured", "OrderNotified"}),
        (1, "tok_declined", "rejected", {"OrderPlaced", "StockReserved", "PaymentDeclined", "OrderNotified"}),
        (0, "tok_ok", "rejected", {"OrderPlaced", "StockRejected", "OrderNotified"}),
    ],
    ids=["confirmed", "declined", "out-of-stock"],
)
def test_events_of_an_order_are_as_the_catalogue_says(wire, customer, product, stock, token, last, types):
    correlation_id = f"test-{uuid.uuid4().hex}"

    customer.place((product(stock), 1), token=token, X_Correlation_Id=correlation_id)

    events = until(lambda: types <= _by_type(found := wire.events(correlation_id)).keys() and found)
    until(lambda: {last, "notified"} <= {each["stage"] for each in wire.announcements(correlation_id)})
    assert _by_type(events).keys() == types
    assert {event["source"] for event in events} <= {f"shop.{name}" for name in SERVICES}
    assert wire.faults == []


def test_cancelled_order_s_events_are_as_the_catalogue_says(wire, customer, product):
    order = customer.place((product(1), 1)).json()
    customer.order_at(order["orderId"], "notified")
    correlation_id = f"test-{uuid.uuid4().hex}"

    customer.call("POST", f"/orders/{order['orderId']}/cancel", headers={"X-Correlation-Id": correlation_id})

    until(lambda: _by_type(wire.events(correlation_id)).keys() >= {"OrderCancelled", "PaymentRefunded"})
    until(lambda: "cancelled" in {each["stage"] for each in wire.announcements(correlation_id)})
    assert wire.faults == []


@pytest.mark.choreography
def test_checked_out_cart_s_events_are_as_the_catalogue_says(wire, register, product):
    buyer, correlation_id = register(), f"test-{uuid.uuid4().hex}"
    buyer.call("PUT", f"/cart/items/{product(1)}", {"quantity": 1})

    payment = {"payment": {"method": "card", "token": "tok_ok"}}
    answer = buyer.call("POST", "/cart/checkout", payment, headers={"X-Correlation-Id": correlation_id})

    assert answer.status_code == 202, answer.text
    types = {"CartCheckedOut", "OrderPlaced", "StockReserved", "PaymentCaptured", "OrderNotified"}
    events = until(lambda: _by_type(found := wire.events(correlation_id)).keys() >= types and found)
    assert {event["detail"]["data"]["orderId"] for event in events} == {answer.json()["orderId"]}
    assert wire.faults == []


SERVICES = ("orders", "inventory", "payments", "notifications")


@pytest.mark.choreography
def test_correlation_id_travels_from_the_request_to_the_mail(aws, wire, customer, product, mails):
    correlation_id = f"test.{uuid.uuid4().hex}"

    answer = customer.place((product(1), 1), X_Correlation_Id=correlation_id)

    assert answer.headers["X-Correlation-Id"] == correlation_id
    order_id = answer.json()["orderId"]
    customer.order_at(order_id, "notified")
    types = {"OrderPlaced", "StockReserved", "PaymentCaptured", "OrderNotified"}
    events = until(lambda: _by_type(found := wire.events(correlation_id)).keys() >= types and found)
    assert {event["detail"]["data"]["orderId"] for event in events} == {order_id}
    told = until(
        lambda: (
            {each["stage"] for each in wire.announcements(correlation_id)} >= HAPPY_PATH
            and wire.announcements(correlation_id)
        )
    )
    assert {each["orderId"] for each in told} == {order_id}
    for service in SERVICES:
        lines = until(lambda group=f"/aws/lambda/{service}": _lines(aws("logs"), group, order_id))
        assert {line.get("correlation_id") for line in lines} == {correlation_id}, service
    (mail,) = [mail for mail in mails(customer.email) if order_id in mail["Subject"]]
    assert mail["Body"]["text_part"].splitlines()[-1] == f"Reference: {correlation_id}"


def test_request_without_a_correlation_id_gets_one_that_travels(wire, customer, product):
    answer = customer.place((product(1), 1))

    correlation_id = answer.headers["X-Correlation-Id"]
    until(lambda: "OrderNotified" in _by_type(wire.events(correlation_id)))


def _lines(logs, group, order_id):
    """What a function logged of an order, and not of the request that asks for it."""
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, filterPattern=f'"{order_id}"')
    texts = [event["message"] for page in pages for event in page["events"] if order_id in event["message"]]
    return [json.loads(text) for text in texts if text.startswith("{")]
