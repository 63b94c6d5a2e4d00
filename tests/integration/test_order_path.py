"""An order's way through all services."""

import json
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from bootstrap.flows import Flow
from tests.integration.bus import publish
from tests.waiting import until

pytestmark = pytest.mark.both_flows

HAPPY_PATH = ["accepted", "stock-reserved", "payment-captured", "confirmed", "notified"]


def test_order_travels_to_the_mail(customer, product, stock, charges, mails):
    thing = product(10)

    accepted = customer.place((thing, 3))

    assert accepted.status_code == 202
    placed = accepted.json()
    assert (placed["status"], placed["totalCents"]) == ("PENDING", 3 * 999)
    order = customer.order_at(placed["orderId"], "notified")
    assert order["status"] == "CONFIRMED"
    assert order.get("reason") is None
    assert order["items"] == [{"productId": thing, "quantity": 3, "priceCents": 999}]
    assert [entry["stage"] for entry in order["timeline"]] == HAPPY_PATH
    times = [datetime.fromisoformat(entry["at"]) for entry in order["timeline"]]
    assert times == sorted(times)
    assert stock(thing) == 7
    assert charges(placed["orderId"]) == [3 * 999]
    (mail,) = [mail for mail in mails(customer.email) if placed["orderId"] in mail["Subject"]]
    assert mail["Source"] == "shop@example.com"


def test_declined_card_gives_the_stock_back(customer, product, stock, charges, mails):
    thing = product(5)

    placed = customer.place((thing, 5), token="tok_declined").json()

    order = customer.order_at(placed["orderId"], "notified")
    assert (order["status"], order["reason"]) == ("REJECTED", "PAYMENT_DECLINED")
    assert [entry["stage"] for entry in order["timeline"]] == ["accepted", "stock-reserved", "rejected", "notified"]
    until(lambda: stock(thing) == 5)
    assert charges(placed["orderId"]) == []
    assert len([mail for mail in mails(customer.email) if placed["orderId"] in mail["Subject"]]) == 1


def test_order_beyond_the_stock_is_rejected_whole(customer, product, stock, charges):
    plenty, scarce = product(100), product(1)

    placed = customer.place((plenty, 2), (scarce, 2)).json()

    order = customer.order_once(placed["orderId"])
    assert (order["status"], order["reason"]) == ("REJECTED", "OUT_OF_STOCK")
    assert (stock(plenty), stock(scarce)) == (100, 1)
    assert charges(placed["orderId"]) == []


@pytest.mark.parametrize("token", ["tok_slow", "tok_flaky"])
def test_difficult_payment_is_charged_once(customer, product, charges, token):
    placed = customer.place((product(1), 1), token=token).json()

    assert customer.order_once(placed["orderId"])["status"] == "CONFIRMED"
    assert charges(placed["orderId"]) == [999]


def test_order_of_a_hundred_lines(customer, product, stock):
    with ThreadPoolExecutor(8) as pool:
        things = list(pool.map(product, [2] * 100))

    placed = customer.place(*((thing, 2) for thing in things))

    assert customer.order_once(placed.json()["orderId"])["status"] == "CONFIRMED"
    assert {stock(thing) for thing in things} == {0}


def test_hundred_orders_add_up(customer, product, stock, charges):
    """Every tenth card declines, and one product is enough for ten orders only."""
    plenty, scarce = product(1_000), product(10)

    def place(number):
        token = "tok_declined" if number % 10 == 0 else "tok_ok"
        thing = scarce if number % 2 else plenty
        answer = customer.place((thing, 1), token=token)
        assert answer.status_code == 202, answer.text
        return answer.json()["orderId"], thing

    with ThreadPoolExecutor(8) as pool:
        placed = dict(pool.map(place, range(100)))
    orders = {order_id: customer.order_once(order_id) for order_id in placed}

    results = Counter((placed[order_id], order["status"], order.get("reason")) for order_id, order in orders.items())
    assert results == {
        (plenty, "CONFIRMED", None): 40,
        (plenty, "REJECTED", "PAYMENT_DECLINED"): 10,
        (scarce, "CONFIRMED", None): 10,
        (scarce, "REJECTED", "OUT_OF_STOCK"): 40,
    }
    until(lambda: (stock(plenty), stock(scarce)) == (960, 0))
    charged = {order_id: charges(order_id) for order_id in placed}
    assert all(
        charged[order_id] == ([999] if order["status"] == "CONFIRMED" else []) for order_id, order in orders.items()
    )


def test_events_delivered_again_change_nothing(flow, aws, customer, product, stock, charges, mails, event_tap):
    """On saga: those, too, that the same order would have had by choreography."""
    thing = product(10)
    placed = customer.place((thing, 4)).json()
    order = customer.order_at(placed["orderId"], "notified")
    if flow is Flow.SAGA:
        for kind in ("OrderPlaced", "StockReserved", "PaymentCaptured"):
            publish(aws, kind, order)
    events = until(lambda: len(found := event_tap(placed["orderId"])) >= 4 and found)

    for _ in range(3):
        answer = aws("events").put_events(
            Entries=[
                {
                    "Source": event["source"],
                    "DetailType": event["detail-type"],
                    "Detail": json.dumps(event["detail"]),
                    "EventBusName": "shop",
                }
                for event in reversed(events)
            ]
        )
        assert answer["FailedEntryCount"] == 0
    until(lambda: len(event_tap(placed["orderId"])) >= 4 * len(events))
    marker = customer.place((product(1), 1)).json()  # behind the repeats in every queue
    customer.order_at(marker["orderId"], "notified")

    assert customer.order(placed["orderId"]) == order
    assert stock(thing) == 6
    assert charges(placed["orderId"]) == [4 * 999]
    assert len([mail for mail in mails(customer.email) if placed["orderId"] in mail["Subject"]]) == 1


@pytest.mark.usefixtures("no_sweeps")
def test_order_whose_event_was_never_published_is_swept(aws, customer, product):
    """What a function leaves that dies between the write and the publication: an order with its mark, long due."""
    thing = product(1)
    donor = customer.place((thing, 1)).json()
    customer.order_once(donor["orderId"])
    item = aws("dynamodb").get_item(TableName="orders", Key={"orderId": {"S": donor["orderId"]}})["Item"]
    order_id = str(uuid.uuid4())
    other = product(1)
    for line in item["items"]["L"]:
        line["M"]["productId"] = {"S": other}
    accepted = {"accepted": item["stages"]["M"]["accepted"]}
    item |= {
        "orderId": {"S": order_id},
        "status": {"S": "PENDING"},
        "stages": {"M": accepted},
        "outbox": {"S": "pending"},
        "dueAt": {"S": "2020-01-01T00:00:00.000Z"},
    }
    aws("dynamodb").put_item(TableName="orders", Item=item)

    event = {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}
    answer = aws("lambda").invoke(FunctionName="orders", Payload=json.dumps(event))

    assert "FunctionError" not in answer
    assert customer.order_once(order_id)["status"] == "CONFIRMED"
    stored = aws("dynamodb").get_item(TableName="orders", Key={"orderId": {"S": order_id}}, ConsistentRead=True)
    assert "outbox" not in stored["Item"]
