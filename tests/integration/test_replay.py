"""Events that come again out of the archive: who had them changes nothing, who missed them catches up."""

import io
import random
from datetime import UTC, datetime

import pytest
from rich.console import Console

from bootstrap.clients import Clients
from bootstrap.flows import Flow
from bootstrap.shop import SHOP
from bootstrap.shop_archive import ARCHIVE
from sandbox import flows, replay
from sandbox.replay import ReplayError, consumers
from tests.integration.carts import leave, stored_cart, sweep
from tests.integration.conftest import all_mails, figures
from tests.integration.shoppers import Shopper
from tests.waiting import until

TABLES = ("stock", "reservations", "payments", "orders", "carts", "checkouts", "notifications")
QUEUES = ("orders", "order-intake", "inventory", "payments", "notifications")
ORDERS = 14


@pytest.fixture
def make_replay(stack):
    """Run the command; its exit code and what it printed."""
    figures(stack.endpoint)  # stock LocalStack fails at every replay

    def run(since, consumer):
        console = Console(record=True, width=250, file=io.StringIO())
        exit_code = replay.run(stack, {"SINCE": since, "CONSUMER": consumer}, console)
        return exit_code, console.export_text()

    return run


@pytest.fixture
def books(aws, stack):
    """Everything that the shop knows: all items of all tables, and the mails."""

    def of(table):
        pages = aws("dynamodb").get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
        return sorted((item for page in pages for item in page["Items"]), key=str)

    def read():
        mails = sorted((mail["Subject"], str(mail["Destination"])) for mail in all_mails(stack.endpoint))
        return {table: of(table) for table in TABLES} | {"mails": mails}

    return read


@pytest.fixture
def rule_off(aws):
    """A consumer's rule, off for a while."""
    events = aws("events")

    def switch(name):
        events.disable_rule(Name=name, EventBusName="shop")
        switched.append(name)

    switched = []
    yield switch
    for name in switched:
        events.enable_rule(Name=name, EventBusName="shop")


def _since():
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"


@pytest.mark.slow
def test_replay_of_mixed_orders_changes_nothing_at_any_consumer(
    aws, stack, make_replay, books, register, product, depth
):
    since = _since()
    products = tuple(product(stock) for stock in (100, 100, 100, 3))
    shopper = Shopper(register(), products, random.Random(7))
    for token in ("tok_declined", "tok_flaky", "tok_ok"):
        shopper.orders.append(shopper.customer.place((products[0], 1), token=token).json()["orderId"])
    for _ in range(ORDERS):
        shopper.buy()
    confirmed = [order_id for order_id, order in shopper.settled().items() if order["status"] == "CONFIRMED"]
    shopper.customer.order_at(confirmed[0], "notified")
    assert shopper.customer.call("POST", f"/orders/{confirmed[0]}/cancel").status_code == 202
    assert {order["status"] for order in shopper.settled().values()} == {"CONFIRMED", "REJECTED", "CANCELLED"}
    for order_id in shopper.orders:
        shopper.customer.order_at(order_id, "notified")
    shopper.customer.call("PUT", f"/cart/items/{products[0]}", {"quantity": 1})
    leave(aws, shopper.customer.email)
    sweep(aws)
    until(lambda: "remindAt" not in stored_cart(aws, shopper.customer.email))
    until(lambda: not any(map(depth, QUEUES)))
    before = books()

    for consumer in consumers(SHOP, ARCHIVE):
        exit_code, text = make_replay(since, consumer)

        is_asked = flows.of(Clients(stack.endpoint)) is not Flow.SAGA
        assert (exit_code, "\n0 events" in f"\n{text}") == (0, False) or not is_asked, text
        until(lambda: not any(map(depth, QUEUES)))
        assert books() == before, consumer


@pytest.mark.choreography
def test_consumer_whose_rule_was_off_catches_up(aws, make_replay, rule_off, customer, product, charges, stock):
    since, thing = _since(), product(5)
    rule_off("payments")
    order_id = customer.place((thing, 2)).json()["orderId"]
    customer.order_at(order_id, "stock-reserved")
    with pytest.raises(ReplayError, match="rule shop/payments is disabled"):
        make_replay(since, "payments")
    assert customer.order(order_id)["status"] == "PENDING"

    aws("events").enable_rule(Name="payments", EventBusName="shop")
    exit_code, text = make_replay(since, "payments")

    assert exit_code == 0, text
    assert customer.order_once(order_id)["status"] == "CONFIRMED"
    assert charges(order_id) == [2 * 999]
    assert stock(thing) == 3
