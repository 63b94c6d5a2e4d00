"""The money of an order, over HTTP and with events on the bus."""

import uuid

import pytest

from tests.integration.bus import logged, publish, store_order
from tests.waiting import until

pytestmark = pytest.mark.both_flows


def _payments(customer, order_id):
    answer = customer.call("GET", f"/orders/{order_id}/payments")
    assert answer.status_code == 200, answer.text
    return [(entry["type"], entry["amountCents"]) for entry in answer.json()["items"]]


def test_ledger_shows_the_charge_to_the_customer_alone(customer, register, anonymous, product):
    order_id = customer.place((product(3), 2)).json()["orderId"]
    customer.order_once(order_id, "CONFIRMED")

    assert _payments(customer, order_id) == [("charge", 2 * 999)]

    assert anonymous.call("GET", f"/orders/{order_id}/payments").status_code == 401
    for other, order in [(register(), order_id), (customer, "none"), (customer, "x" * 65)]:
        answer = other.call("GET", f"/orders/{order}/payments")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")


def test_declined_order_has_an_empty_ledger(customer, product):
    order_id = customer.place((product(1), 1), token="tok_declined").json()["orderId"]
    customer.order_once(order_id, "REJECTED")

    assert _payments(customer, order_id) == []


def test_flaky_card_is_charged_once(customer, product):
    order_id = customer.place((product(1), 1), token="tok_flaky").json()["orderId"]
    customer.order_once(order_id, "CONFIRMED")

    assert _payments(customer, order_id) == [("charge", 999)]


def test_ledger_shows_charge_and_refund_of_a_cancelled_order(aws, customer, product):
    order_id = customer.place((product(3), 2)).json()["orderId"]
    order = customer.order_once(order_id, "CONFIRMED")

    assert customer.call("POST", f"/orders/{order_id}/cancel").status_code == 202
    for _ in range(2):
        publish(aws, "OrderCancelled", order)

    until(lambda: logged(aws, "payments", order_id).count(("payment", "REFUNDED")) == 3)
    assert _payments(customer, order_id) == [("charge", 2 * 999), ("refund", 2 * 999)]


def test_order_cancelled_while_it_is_being_paid_keeps_no_money(aws, customer, product, stock):
    thing = product(3)
    order_id = customer.place((thing, 2), token="tok_slow").json()["orderId"]
    customer.order_at(order_id, "stock-reserved")

    assert customer.call("POST", f"/orders/{order_id}/cancel").status_code == 202

    until(lambda: len(logged(aws, "payments", order_id)) == 2)
    assert _payments(customer, order_id) in ([], [("charge", 2 * 999), ("refund", 2 * 999)])
    until(lambda: stock(thing) == 3)
    assert customer.order(order_id)["status"] == "CANCELLED"


def test_order_cancelled_before_its_stock_is_reserved_is_not_charged(aws, customer, product):
    donor = customer.order_once(customer.place((product(1), 1)).json()["orderId"], "CONFIRMED")
    order = donor | {"orderId": str(uuid.uuid4())}
    store_order(aws, donor["orderId"], order["orderId"], "CANCELLED")

    publish(aws, "OrderCancelled", order)
    until(lambda: logged(aws, "payments", order["orderId"]) == [("payment", "VOIDED")])
    publish(aws, "StockReserved", order)

    until(lambda: logged(aws, "payments", order["orderId"]) == [("payment", "VOIDED")] * 2)
    entries = aws("dynamodb").query(
        TableName="payments",
        KeyConditionExpression="orderId = :order",
        ExpressionAttributeValues={":order": {"S": order["orderId"]}},
        ConsistentRead=True,
    )
    assert [item["type"]["S"] for item in entries["Items"]] == ["void"]
