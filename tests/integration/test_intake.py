"""Orders that come without a request to orders: a cart on the bus, a message in the queue `order-intake`."""

import json
import uuid

import pytest

from tests.waiting import until

pytestmark = pytest.mark.both_flows

HAPPY_PATH = ["accepted", "stock-reserved", "payment-captured", "confirmed", "notified"]


@pytest.fixture
def customer_id(customer):
    return customer.call("POST", "/users/login", {"email": customer.email, "password": "a-long-password"}).json()[
        "userId"
    ]


@pytest.fixture
def check_out(aws, customer, customer_id):
    """Put CartCheckedOut on the bus, as the cart does; prices are the cart's."""

    def put(order_id, product_id, quantity, price):
        detail = {
            "metadata": {
                "version": 1,
                "correlationId": f"cart-{order_id}",
                "stages": {"accepted": "2026-11-21T10:15:30.123Z"},
            },
            "data": {
                "orderId": order_id,
                "customerId": customer_id,
                "customerEmail": customer.email,
                "items": [{"productId": product_id, "quantity": quantity, "priceCents": price}],
                "totalCents": quantity * price,
                "payment": {"method": "card", "token": "tok_ok"},
            },
        }
        event = {"Source": "shop.cart", "DetailType": "CartCheckedOut", "Detail": json.dumps(detail)}
        assert aws("events").put_events(Entries=[{**event, "EventBusName": "shop"}])["FailedEntryCount"] == 0

    return put


@pytest.fixture
def send(aws, customer, customer_id):
    """Put an order into the queue, as API Gateway does."""
    sqs = aws("sqs")
    url = sqs.get_queue_url(QueueName="order-intake")["QueueUrl"]

    def put(order_id, *lines):
        items = [{"productId": product, "quantity": quantity} for product, quantity in lines]
        attributes = {
            "orderId": order_id,
            "customerId": customer_id,
            "customerEmail": customer.email,
            "correlationId": f"intake-{order_id}",
        }
        sqs.send_message(
            QueueUrl=url,
            MessageBody=json.dumps({"items": items, "payment": {"method": "card", "token": "tok_ok"}}),
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
            },
        )

    return put


def once_there(customer, order_id, stage):
    until(lambda: customer.call("GET", f"/orders/{order_id}").status_code == 200)
    return customer.order_at(order_id, stage)


def mails_about(mails, customer, order_id):
    return [mail for mail in mails(customer.email) if order_id in mail["Subject"]]


def test_cart_becomes_one_order_however_often_it_is_told(customer, product, stock, charges, mails, check_out):
    thing, order_id = product(10), str(uuid.uuid4())

    for _ in range(3):
        check_out(order_id, thing, 2, 500)

    order = once_there(customer, order_id, "notified")
    check_out(order_id, thing, 2, 500)
    behind = str(uuid.uuid4())
    check_out(behind, thing, 1, 500)
    once_there(customer, behind, "notified")
    assert customer.order(order_id) == order
    assert (order["status"], order["totalCents"]) == ("CONFIRMED", 1000)
    assert order["items"] == [{"productId": thing, "quantity": 2, "priceCents": 500}]
    assert [entry["stage"] for entry in order["timeline"]] == HAPPY_PATH
    assert order["timeline"][0]["at"] == "2026-11-21T10:15:30.123Z"
    assert stock(thing) == 7
    assert charges(order_id) == [1000]
    assert len(mails_about(mails, customer, order_id)) == 1


def test_message_becomes_one_order_however_often_it_comes(customer, product, stock, charges, mails, send):
    thing, order_id = product(10), str(uuid.uuid4())

    for _ in range(3):
        send(order_id, (thing, 1), (thing, 2))

    order = once_there(customer, order_id, "notified")
    send(order_id, (thing, 1), (thing, 2))
    behind = str(uuid.uuid4())
    send(behind, (thing, 1))
    once_there(customer, behind, "notified")
    assert customer.order(order_id) == order
    assert (order["status"], order["totalCents"]) == ("CONFIRMED", 3 * 999)
    assert order["items"] == [{"productId": thing, "quantity": 3, "priceCents": 999}]
    assert [entry["stage"] for entry in order["timeline"]] == HAPPY_PATH
    assert stock(thing) == 6
    assert charges(order_id) == [3 * 999]
    assert len(mails_about(mails, customer, order_id)) == 1


def test_message_with_an_unknown_product_is_rejected_by_mail(customer, product, stock, charges, mails, send):
    thing, order_id = product(10), str(uuid.uuid4())

    for _ in range(2):
        send(order_id, (thing, 1), ("nothing", 1))

    order = once_there(customer, order_id, "notified")
    assert (order["status"], order["reason"]) == ("REJECTED", "UNKNOWN_PRODUCT")
    assert [entry["stage"] for entry in order["timeline"]] == ["accepted", "rejected", "notified"]
    assert stock(thing) == 10
    assert charges(order_id) == []
    (mail,) = mails_about(mails, customer, order_id)
    assert "not in our catalogue" in json.dumps(mail["Body"])
    assert customer.call("POST", f"/orders/{order_id}/cancel").status_code == 409
