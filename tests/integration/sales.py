"""Sales as analytics tells them, and as the orders that are stored add up."""

from typing import Any

from common.dynamodb import from_wire
from tests.integration.conftest import Customer

type Sums = dict[str, tuple[int, int, int]]


def said(admin: Customer, **period: str) -> dict[str, Any]:
    """What analytics says."""
    answer = admin.call("GET", "/analytics/sales", params=period)
    assert answer.status_code == 200, answer.text
    content: dict[str, Any] = answer.json()
    return content


def booked(aws: Any) -> dict[str, Any]:
    """The same, of the orders as they are stored."""
    pages = aws("dynamodb").get_paginator("scan").paginate(TableName="orders", ConsistentRead=True)
    orders: list[Any] = [from_wire(item) for page in pages for item in page["Items"]]
    standing = [order for order in orders if order["status"] == "CONFIRMED"]
    minutes: Sums = {}
    products: Sums = {}
    for order in standing:
        at = order["stages"].get("confirmed") or order["stages"]["accepted"]
        _add(minutes, f"{at[:16]}:00.000Z", sum(line["quantity"] for line in order["items"]), order["totalCents"])
        for line in order["items"]:
            _add(products, line["productId"], line["quantity"], line["quantity"] * line["priceCents"])
    return {
        "orders": len(standing),
        "units": sum(units for _, units, _ in minutes.values()),
        "revenueCents": sum(cents for _, _, cents in minutes.values()),
        "byMinute": _rows("minute", minutes),
        "byProduct": sorted(_rows("productId", products), key=lambda row: (-row["revenueCents"], row["productId"])),
    }


def _add(sums: Sums, name: str, units: int, cents: int) -> None:
    orders, units_before, cents_before = sums.get(name, (0, 0, 0))
    sums[name] = (orders + 1, units_before + units, cents_before + cents)


def _rows(key: str, sums: Sums) -> list[dict[str, Any]]:
    names = ("orders", "units", "revenueCents")
    return [{key: name} | dict(zip(names, sums[name], strict=True)) for name in sorted(sums)]
