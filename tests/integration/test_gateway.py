"""Orders that are paid at a gateway of Stripe's shape, over HTTP."""

import io

import pytest
from rich.console import Console

from sandbox.gateways import Wish
from sandbox.up import bring_up
from tests.integration import fake_stripe
from tests.integration.fake_stripe import KEY, WEBHOOK_SECRET, signed, told
from tests.waiting import until

PATH = "/payments/webhooks/stripe"


@pytest.fixture(scope="module")
def gateway(stack, by_our_deployers):
    """The shop pays there as long as this module's tests run."""
    with fake_stripe.running() as stripe:
        told = Console(record=True, width=200, file=io.StringIO())
        bring_up(stack, told, wanted=Wish("stripe", stripe.base, KEY, WEBHOOK_SECRET))
        said = told.export_text()
        assert f"Payments go to {stripe.base}" in said
        assert KEY not in said
        yield stripe
        bring_up(stack, Console(quiet=True), wanted=Wish("simulated"))


@pytest.fixture(autouse=True)
def sound(gateway):
    """No fault of another test's."""
    gateway.faults.clear()
    gateway.undecided = False


def test_order_is_charged_and_refunded_at_the_gateway_once(aws, gateway, customer, product, moved, stock):
    thing = product(3)
    gateway.faults |= {"capture": [500, 503], "refund": [500, 500]}
    order_id = customer.place((thing, 2)).json()["orderId"]
    customer.order_once(order_id, "CONFIRMED")
    intent = gateway.of(order_id)
    assert (intent["status"], intent["amount"]) == ("succeeded", 2 * 999)

    assert customer.call("POST", f"/orders/{order_id}/cancel").status_code == 202

    until(lambda: moved(order_id) == [("charge", 2 * 999), ("refund", 2 * 999)])
    assert gateway.refunds[intent["id"]] == 1
    until(lambda: stock(thing) == 3)
    pages = aws("logs").get_paginator("filter_log_events").paginate(logGroupName="/aws/lambda/payments")
    assert not [event for page in pages for event in page["events"] if KEY in event["message"]]


def test_hold_of_a_request_that_failed_is_let_go(gateway, customer, anonymous, product, moved):
    gateway.faults |= {"create": [500]}
    order_id = customer.place((product(1), 1)).json()["orderId"]
    customer.order_once(order_id, "CONFIRMED")
    first, second = gateway.all_of(order_id)
    assert (first["status"], second["status"]) == ("requires_capture", "succeeded")

    for intent in (second, first, first):
        body = told(intent)
        assert anonymous.call("POST", PATH, data=body, headers=signed(body)).status_code == 200

    assert (first["status"], second["status"]) == ("canceled", "succeeded")
    assert moved(order_id) == [("charge", 999)]


def test_declined_card_rejects_the_order(gateway, customer, product, moved):
    order_id = customer.place((product(1), 1), token="tok_declined").json()["orderId"]
    order = customer.order_once(order_id, "REJECTED")
    assert (order["reason"], moved(order_id)) == ("PAYMENT_DECLINED", [])


@pytest.mark.choreography
def test_late_outcome_comes_by_webhook_and_confirms_the_order(gateway, customer, anonymous, product, moved):
    gateway.undecided = True
    order_id = customer.place((product(1), 1)).json()["orderId"]
    customer.order_at(order_id, "stock-reserved")
    until(lambda: order_id in [each["metadata"]["order_id"] for each in gateway.intents.values()])
    body = gateway.authorize(order_id)

    def tell(secret=WEBHOOK_SECRET):
        return anonymous.call("POST", PATH, data=body, headers=signed(body, secret))

    forged = tell("whsec_wrong")
    assert (forged.status_code, forged.json()["error"]["code"]) == (400, "BAD_SIGNATURE")
    assert customer.order(order_id)["status"] == "PENDING"

    for _ in range(2):
        assert tell().json() == {"received": True}

    customer.order_once(order_id, "CONFIRMED")
    assert tell().status_code == 200
    assert moved(order_id) == [("charge", 999)]
    assert gateway.of(order_id)["status"] == "succeeded"
