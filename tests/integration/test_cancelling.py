"""Cancelling orders, over HTTP."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.integration.bus import logged
from tests.waiting import until

pytestmark = pytest.mark.both_flows


def stages(order):
    return [entry["stage"] for entry in order["timeline"]]


def mails_about(mails, customer, order_id):
    return sorted(mail["Subject"].split()[-1] for mail in mails(customer.email) if order_id in mail["Subject"])


def balance(customer, order_id):
    """Charged and not given back, in cents."""
    items = customer.call("GET", f"/orders/{order_id}/payments").json()["items"]
    return sum(entry["amountCents"] * {"charge": 1, "refund": -1}[entry["type"]] for entry in items)


def test_confirmed_order_is_cancelled(customer, product, stock, mails):
    thing = product(5)
    order_id = customer.place((thing, 2)).json()["orderId"]
    customer.order_at(order_id, "notified")
    assert (stock(thing), balance(customer, order_id)) == (3, 2 * 999)

    answer = customer.call("POST", f"/orders/{order_id}/cancel")

    assert (answer.status_code, answer.json()) == (202, {"orderId": order_id, "status": "CANCELLED"})
    order = customer.order(order_id)
    assert (order["status"], order.get("reason")) == ("CANCELLED", None)
    assert stages(order) == [
        "accepted", "stock-reserved", "payment-captured", "confirmed", "notified", "cancelled",
    ]  # fmt: skip
    until(lambda: mails_about(mails, customer, order_id) == ["cancelled", "confirmed"])
    until(lambda: (stock(thing), balance(customer, order_id)) == (5, 0))


def test_order_is_cancelled_while_it_is_being_paid(aws, customer, product, stock, mails):
    thing = product(5)
    order_id = customer.place((thing, 2), token="tok_slow").json()["orderId"]
    customer.order_at(order_id, "stock-reserved")

    answer = customer.call("POST", f"/orders/{order_id}/cancel")

    assert answer.status_code == 202
    until(lambda: "cancelled" in mails_about(mails, customer, order_id))
    order = customer.order_at(order_id, "notified")
    assert order["status"] == "CANCELLED"
    # On a busy machine the two seconds may be over before the request is there.
    assert mails_about(mails, customer, order_id) == ["cancelled", *(s for s in stages(order) if s == "confirmed")]
    until(lambda: stock(thing) == 5)
    until(lambda: len(logged(aws, "payments", order_id)) >= 2)  # both the reservation and the cancellation
    until(lambda: balance(customer, order_id) == 0)


def test_cancellations_that_race_with_confirmations_leave_nothing_held(customer, product, stock, mails):
    thing = product(100)

    def place_and_cancel(number):
        order_id = customer.place((thing, 1)).json()["orderId"]
        for _ in range(number % 8):
            customer.order(order_id)
        answer = customer.call("POST", f"/orders/{order_id}/cancel")
        assert answer.status_code == 202, answer.text
        return order_id

    with ThreadPoolExecutor(8) as pool:
        placed = list(pool.map(place_and_cancel, range(40)))

    def is_settled(order_id):
        order = customer.order(order_id)
        assert order["status"] == "CANCELLED"
        mailed = ["cancelled", *(stage for stage in stages(order) if stage == "confirmed")]
        return balance(customer, order_id) == 0 and mails_about(mails, customer, order_id) == mailed

    until(lambda: stock(thing) == 100 and all(map(is_settled, placed)))


def test_of_two_cancellations_at_once_one_wins(customer, product):
    order_id = customer.place((product(1), 1)).json()["orderId"]
    customer.order_once(order_id)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: customer.call("POST", f"/orders/{order_id}/cancel"), range(8)))

    assert sorted(answer.status_code for answer in answers) == [202] + [409] * 7
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert refused.json()["error"]["code"] == "ORDER_NOT_CANCELLABLE"


def test_rejected_order_is_not_cancelled(customer, product):
    order_id = customer.place((product(1), 2)).json()["orderId"]
    before = customer.order_at(order_id, "notified")

    assert customer.call("POST", f"/orders/{order_id}/cancel").status_code == 409
    assert customer.order(order_id) == before


def test_nobody_else_cancels(customer, register, product):
    order_id = customer.place((product(1), 1)).json()["orderId"]

    assert register().call("POST", f"/orders/{order_id}/cancel").status_code == 404
    assert customer.call("POST", "/orders/nothing/cancel").status_code == 404
    assert customer.order_once(order_id)["status"] == "CONFIRMED"


@pytest.mark.usefixtures("no_sweeps")
def test_cancellation_that_was_never_published_is_swept(aws, customer, product, mails, event_tap):
    """What a function leaves that dies right after the write."""
    order_id = customer.place((product(1), 1)).json()["orderId"]
    customer.order_at(order_id, "notified")
    aws("dynamodb").update_item(
        TableName="orders",
        Key={"orderId": {"S": order_id}},
        UpdateExpression="SET #status = :is, stages.cancelled = :at, cancellation = :by, outbox = :out, dueAt = :at",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={
            ":is": {"S": "CANCELLED"},
            ":at": {"S": "2026-01-01T00:00:00.000Z"},
            ":by": {"M": {name: {"S": "x"} for name in ("id", "correlationId", "at")}},
            ":out": {"S": "pending"},
        },
    )

    event = '{"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}'
    answer = aws("lambda").invoke(FunctionName="orders", Payload=event)

    assert "FunctionError" not in answer
    until(lambda: "OrderCancelled" in [found["detail-type"] for found in event_tap(order_id)])
    until(lambda: mails_about(mails, customer, order_id) == ["cancelled", "confirmed"])
    stored = {"TableName": "orders", "Key": {"orderId": {"S": order_id}}, "ConsistentRead": True}
    until(lambda: "outbox" not in aws("dynamodb").get_item(**stored)["Item"])
