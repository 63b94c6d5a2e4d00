"""What becomes of an order's stock: sold, given back, and asked for when it is not paid in time."""

import json
import uuid

import pytest

from tests.integration.bus import event_about, logged, publish, store_order
from tests.waiting import until

pytestmark = pytest.mark.both_flows

SWEEP = json.dumps({"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}})
LONG_AGO = {"S": "2020-01-01T00:00:00.000Z"}


@pytest.fixture
def reservation(aws):
    """The reservation of an order as it is stored."""

    def read(order_id):
        key = {"orderId": {"S": order_id}}
        return aws("dynamodb").get_item(TableName="reservations", Key=key, ConsistentRead=True).get("Item", {})

    return read


@pytest.fixture
def sold(customer, product, reservation):
    """Buy two of a new product with a stock of five; returns the product and the order."""

    def buy():
        thing = product(5)
        order = customer.order_once(customer.place((thing, 2)).json()["orderId"], "CONFIRMED")
        until(lambda: reservation(order["orderId"])["state"]["S"] == "SOLD")
        return thing, order

    return buy


def test_charged_order_is_sold_and_no_longer_watched(sold, stock, reservation):
    thing, order = sold()

    assert not {"outbox", "dueAt", "event"} & reservation(order["orderId"]).keys()
    assert stock(thing) == 3


def test_order_cancelled_after_its_confirmation_gives_stock_and_money_back_once(
    aws, customer, sold, stock, moved, reservation
):
    thing, order = sold()

    assert customer.call("POST", f"/orders/{order['orderId']}/cancel").status_code == 202
    for _ in range(2):
        publish(aws, "OrderCancelled", order)

    until(lambda: len(moved(order["orderId"])) == 2 and reservation(order["orderId"])["state"]["S"] == "RELEASED")
    publish(aws, "PaymentCaptured", order)  # late
    until(lambda: ("order charged", "RELEASED") in logged(aws, "inventory", order["orderId"]))
    assert moved(order["orderId"]) == [("charge", 2 * 999), ("refund", 2 * 999)]
    assert reservation(order["orderId"])["state"]["S"] == "RELEASED"
    assert stock(thing) == 5


def test_order_cancelled_before_it_reaches_inventory_holds_nothing(aws, sold, product, stock, moved, reservation):
    thing, donor = product(5), sold()[1]
    lines = [{"productId": thing, "quantity": 2, "priceCents": 999}]
    order = donor | {"orderId": str(uuid.uuid4()), "items": lines}

    publish(aws, "OrderCancelled", order)
    until(lambda: reservation(order["orderId"]))
    publish(aws, "OrderPlaced", order)
    until(lambda: ("order placed", "RELEASED") in logged(aws, "inventory", order["orderId"]))

    assert reservation(order["orderId"])["state"]["S"] == "RELEASED"
    assert stock(thing) == 5
    assert moved(order["orderId"]) == []


@pytest.mark.usefixtures("no_sweeps")
def test_reservation_that_was_charged_is_sold_when_it_expires(aws, sold, stock, moved, reservation):
    """What is left when PaymentCaptured never reached inventory."""
    thing, order = sold()
    _reopen(aws, reservation(order["orderId"]), order)

    answer = aws("lambda").invoke(FunctionName="inventory", Payload=SWEEP)

    assert "FunctionError" not in answer
    until(lambda: reservation(order["orderId"])["state"]["S"] == "SOLD")
    assert moved(order["orderId"]) == [("charge", 2 * 999)]
    assert stock(thing) == 3


@pytest.mark.usefixtures("no_sweeps")
def test_reservation_that_was_never_paid_is_released_when_it_expires(
    aws, customer, sold, product, stock, moved, reservation
):
    """What is left when StockReserved never reached payments: the order waits, and its stock with it."""
    _, donor = sold()
    thing = product(3)  # five, of which two are held
    lines = [{"productId": thing, "quantity": 2, "priceCents": 999}]
    order = donor | {"orderId": str(uuid.uuid4()), "items": lines}
    store_order(aws, donor["orderId"], order["orderId"], "PENDING")
    held = reservation(donor["orderId"]) | {"orderId": {"S": order["orderId"]}}
    held["lines"]["L"][0]["M"]["productId"]["S"] = thing
    _reopen(aws, held, order)

    answer = aws("lambda").invoke(FunctionName="inventory", Payload=SWEEP)

    assert "FunctionError" not in answer
    rejected = customer.order_once(order["orderId"])
    assert (rejected["status"], rejected["reason"]) == ("REJECTED", "PAYMENT_DECLINED")
    until(lambda: reservation(order["orderId"])["state"]["S"] == "RELEASED")
    assert stock(thing) == 5
    publish(aws, "StockReserved", order)  # late
    until(lambda: logged(aws, "payments", order["orderId"]) == [("payment", "VOIDED")] * 2)
    assert moved(order["orderId"]) == []


def _reopen(aws, item, order):
    """Store the reservation as one that is held, and long due."""
    open_ = {"state": {"S": "RESERVED"}, "outbox": {"S": "pending"}, "dueAt": LONG_AGO}
    item = {**item, **open_, "event": {"S": json.dumps(event_about(order))}}
    aws("dynamodb").put_item(TableName="reservations", Item=item)
