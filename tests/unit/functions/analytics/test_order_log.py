"""A year of a real shop's orders, heard of twice and in any order, to the cent."""

import csv
import gzip
import os
import random
from collections import Counter
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from itertools import batched
from pathlib import Path

import pytest

from analytics.consumer import Counting
from analytics.period import Period
from analytics.sales import MAX_MINUTES, sold
from common.order_stream import OrderChange, StreamedOrder
from tests.unit.functions.analytics.memory import MemoryFigures

# The real file is not part of the project; gzipped or not. It may lie beside the checkout.
LOG = Path(os.environ.get("ONLINE_RETAIL_CSV", Path(__file__).parents[5] / "shared/data/online_retail.csv.gz"))
MAX_LINES = 100


def orders() -> Iterator[StreamedOrder]:
    """Its sales: an invoice is an order, or several where a product comes twice or there are too many lines."""
    found: dict[str, list[dict[str, tuple[int, int]]]] = {}
    minutes: dict[str, str] = {}
    with (gzip.open if LOG.suffix == ".gz" else open)(LOG, "rt", encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            cents = int((Decimal(row["UnitPrice"]) * 100).to_integral_value(ROUND_HALF_UP))
            units, invoice, code = int(float(row["Quantity"])), row["InvoiceNo"], row["StockCode"]
            if units <= 0 or cents <= 0:
                continue
            parts = found.setdefault(invoice, [])
            minutes[invoice] = row["InvoiceDate"].replace(" ", "T")[:16]
            part = next((each for each in parts if code not in each and len(each) < MAX_LINES), None)
            if part is None:
                parts.append(part := {})
            part[code] = (units, cents)
    for invoice, parts in found.items():
        for number, part in enumerate(parts):
            yield StreamedOrder(
                order_id=f"{invoice}-{number}",
                customer_id="somebody",
                items=[
                    {"productId": code, "quantity": units, "priceCents": cents} for code, (units, cents) in part.items()
                ],
                total_cents=sum(units * cents for units, cents in part.values()),
                status="CONFIRMED",
                stages={"confirmed": f"{minutes[invoice]}:00.000Z"},
                correlation_id="test",
            )


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(not LOG.exists(), reason="the log is not here: ONLINE_RETAIL_CSV=… names it")
def test_sums_of_a_real_log_are_those_of_its_orders() -> None:
    choice = random.Random(3)
    every = list(orders())
    gone = {order.order_id for order in choice.sample(every, len(every) // 10)}
    changes = [OrderChange("1", None, order) for order in every + choice.sample(every, 500)]
    changes += [
        OrderChange("2", order, order.model_copy(update={"status": "CANCELLED"}))
        for order in every
        if order.order_id in gone
    ]
    changes.sort(key=lambda change: change.after.confirmed_at if change.after else "")
    mixed = [each for window in batched(changes, 3000, strict=False) for each in choice.sample(window, len(window))]
    figures = MemoryFigures()
    count = Counting(figures)
    for batch in batched(mixed, 100, strict=False):
        count(batch)

    sales = sold(figures, Period())

    standing = [order for order in every if order.order_id not in gone]
    by_product: Counter[str] = Counter()
    for order in standing:
        by_product.update({line.product_id: line.quantity * line.price_cents for line in order.items})
    assert len(every) > 18_000
    assert sales.orders == len(standing)
    assert sales.revenue_cents == sum(order.total_cents for order in standing) == by_product.total()
    assert {row.product_id: row.revenue_cents for row in sales.by_product} == by_product
    newest = sorted({order.confirmed_at for order in standing})[-MAX_MINUTES:]
    assert [row.minute for row in sales.by_minute] == newest
    listed = [order.total_cents for order in standing if order.confirmed_at >= newest[0]]
    assert sum(row.revenue_cents for row in sales.by_minute) == sum(listed)
