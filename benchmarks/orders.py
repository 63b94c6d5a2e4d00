"""The orders of a cell: their requests, and what became of them, read from the table that the functions write."""

import itertools
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.http_client import request

TABLE = "bench-orders"


@dataclass(frozen=True)
class Order:
    """Unix times of an item's put and update; ``done_at`` is None while it has not been updated."""

    put_at: float
    done_at: float | None


class Orders:
    """A series of orders with a prefix of their own."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._prefix = uuid.uuid4().hex[:12]
        self._numbers = itertools.count()

    def request(self) -> bytes:
        """The request of the next order."""
        return request("POST", self._path, b'{"orderId":"%s-%06d"}' % (self._prefix.encode(), next(self._numbers)))

    def read(self, dynamodb: Any) -> list[Order]:
        """All of the series that are in the table."""
        pages = dynamodb.get_paginator("scan").paginate(
            TableName=TABLE,
            FilterExpression="begins_with(orderId, :prefix)",
            ExpressionAttributeValues={":prefix": {"S": self._prefix}},
            ConsistentRead=True,
        )
        items = [item for page in pages for item in page["Items"]]
        return [Order(float(item["putAt"]["N"]), _number(item.get("doneAt"))) for item in items]

    def read_when(self, enough: Callable[[list[Order]], bool], dynamodb: Any, limit_s: float) -> list[Order]:
        """As soon as ``enough`` says so, or when the time is over."""
        deadline = time.monotonic() + limit_s
        pause_s = 0.1
        while True:
            orders = self.read(dynamodb)
            if enough(orders) or time.monotonic() > deadline:
                return orders
            time.sleep(pause_s)
            pause_s = min(2 * pause_s, 1.0)


def _number(value: dict[str, str] | None) -> float | None:
    return float(value["N"]) if value else None
