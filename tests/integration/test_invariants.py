"""A thousand mixed orders: nothing is lost, nothing happens twice, and the books balance.

``LOADSTACK_TEST_ORDERS`` makes them fewer, and fewer at once, for stacks that are slower than the host's.
"""

import io
import os
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from rich.console import Console

from sandbox import dlq
from tests.integration.conftest import all_mails
from tests.integration.echo import Echo
from tests.integration.sales import booked, said
from tests.integration.shoppers import Shopper
from tests.waiting import until

pytestmark = pytest.mark.both_flows

ORDERS = int(os.environ.get("LOADSTACK_TEST_ORDERS") or 1000)
# More would only wait for each other: five keep two processors busy.
SHOPPERS = max(1, min(5, ORDERS // 100))
PLENTY, SCARCE = 100_000, 60 * ORDERS // 1000
QUEUES = ("orders", "order-intake", "inventory", "payments", "notifications")


@pytest.fixture
def reserved(aws):
    """How much of each product is held (by orders that are not paid yet) and sold."""

    def read() -> tuple[Counter[str], Counter[str]]:
        held: Counter[str] = Counter()
        sold: Counter[str] = Counter()
        for page in aws("dynamodb").get_paginator("scan").paginate(TableName="reservations", ConsistentRead=True):
            for item in page["Items"]:
                books = {"RESERVED": held, "SOLD": sold}.get(item["state"]["S"])
                for line in item["lines"]["L"] if books is not None else ():
                    books[line["M"]["productId"]["S"]] += int(line["M"]["quantity"]["N"])
        return held, sold

    return read


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_mixed_orders_leave_balanced_books(stack, aws, register, admin, product, stock, depth, reserved):
    products = {product(PLENTY): PLENTY for _ in range(12)} | {product(SCARCE): SCARCE for _ in range(3)}
    shoppers = [Shopper(register(), tuple(products), random.Random(number)) for number in range(SHOPPERS)]

    with Echo(aws, "shop", seed=1) as echo, ThreadPoolExecutor(SHOPPERS) as executor:
        list(executor.map(_shop, shoppers))
        list(executor.map(Shopper.settled, shoppers))
        list(executor.map(Shopper.regret, shoppers))
        echo.end()
        until(lambda: not any(map(depth, QUEUES)), timeout_s=110)
        orders = {name: order for each in executor.map(Shopper.settled, shoppers) for name, order in each.items()}
        list(executor.map(_assert_money, shoppers, [orders] * SHOPPERS))
    statuses = {name: order["status"] for name, order in orders.items()}

    counts = Counter(statuses.values())
    assert len(statuses) == ORDERS, "orders nobody placed, or the same order twice"
    assert min(counts[status] for status in ("CONFIRMED", "REJECTED", "CANCELLED")) > ORDERS / 50, counts
    assert echo.echoed > ORDERS
    assert {order for order, status in statuses.items() if status == "CANCELLED"} == set().union(
        *(shopper.cancelled for shopper in shoppers)
    )
    assert [queue for queue in QUEUES if depth(f"{queue}-dlq")] == [], _reasons(stack)
    _assert_stock(products, stock, reserved, orders)
    _assert_mails(stack, statuses)
    until(lambda: said(admin) == booked(aws))


def _reasons(stack):
    """What `make dlq` tells."""
    console = Console(record=True, width=250, file=io.StringIO())
    dlq.run(stack, None, console)
    return console.export_text()


def _shop(shopper):
    for _ in range(ORDERS // SHOPPERS):
        shopper.buy()


def _assert_money(shopper, orders):
    """The charge of a confirmed order stands, a cancelled one's has gone back, a rejected one has none."""
    for order_id in shopper.orders:
        entries = shopper.customer.call("GET", f"/orders/{order_id}/payments").json()["items"]
        total = orders[order_id]["totalCents"]
        kinds = [(entry["type"], entry["amountCents"]) for entry in entries]
        allowed = {
            "CONFIRMED": ([("charge", total)],),
            "REJECTED": ([],),
            "CANCELLED": ([], [("charge", total), ("refund", total)]),
        }
        status = orders[order_id]["status"]
        assert kinds in allowed[status], (order_id, status, kinds)


def _assert_stock(products, stock, reserved, orders):
    held, sold = reserved()
    confirmed: Counter[str] = Counter()
    for order in orders.values():
        for line in order["items"] if order["status"] == "CONFIRMED" else ():
            confirmed[line["productId"]] += line["quantity"]
    for product_id, initial in products.items():
        assert stock(product_id) >= 0
        assert stock(product_id) + held[product_id] + sold[product_id] == initial
        assert held[product_id] == 0
        assert sold[product_id] == confirmed[product_id]


def _assert_mails(stack, statuses):
    """One mail for each final status; an order that was confirmed before it was cancelled had one for each."""
    subjects = Counter(mail["Subject"] for mail in all_mails(stack.endpoint))
    for order_id, status in statuses.items():
        mails = {word: subjects[f"Your order {order_id} is {word}"] for word in ("confirmed", "rejected", "cancelled")}
        assert mails[status.lower()] == 1, (order_id, status, mails)
        others = sum(mails.values()) - 1
        assert others == 0 or (status == "CANCELLED" and mails["confirmed"] == others == 1), (order_id, status, mails)
