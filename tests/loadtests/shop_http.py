"""A Shop API without a network: answers by path, and remembers what it was asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Answer:
    status_code: int
    content: bytes | None
    failed: str | None = None

    def failure(self, exc: str) -> None:
        self.failed = exc


@dataclass
class RecordedHttp:
    answers: dict[str, Answer]
    sent: list[dict[str, Any]] = field(default_factory=list)

    @contextmanager
    def request(self, method: str, url: str, **options: Any) -> Iterator[Answer]:
        """The answer for `PUT /path`, else for `/path`, without its query."""
        self.sent.append({"method": method, "url": url, **options})
        path = url.split("?")[0]
        yield self.answers.get(f"{method} {path}") or self.answers[path]

    @property
    def asked(self) -> list[str]:
        """The names of the requests so far."""
        return [f"{sent['method']} {sent['name']}" for sent in self.sent]


def answer(status: int, body: Any) -> Answer:
    return Answer(status, json.dumps(body).encode())


def product(product_id: str, stock: int = 1_000_000, category: str = "c") -> dict[str, Any]:
    rest = {"name": "x", "category": category, "priceCents": 100, "description": ""}
    return {"productId": product_id, "stock": stock, **rest}


def open_shop(**changes: Answer) -> RecordedHttp:
    """Five products with enough in stock, `flash-1`, and every door open; `changes` by the names below."""
    products = [product(f"p-{i}", category=f"c {i % 2}") for i in range(5)]
    flash = product("flash-1", 100)
    answers = {
        "login": answer(200, {"token": "t", "expiresIn": 100, "userId": "u"}),
        "registration": answer(201, {"userId": "u"}),
        "products": answer(200, {"items": [*products, flash]}),
        "flash": answer(200, flash),
        "on_sale": answer(200, flash),
        "orders": answer(202, {"orderId": "o-1"}),
        "queue": answer(202, {"messageId": "m-1"}),
        "checkout": answer(202, {"orderId": "o-1"}),
        **changes,
    }
    paths = {
        "login": "/users/login",
        "registration": "/users",
        "products": "/products",
        "flash": "/products/flash-1",
        "on_sale": "PUT /products/flash-1",
        "orders": "/orders",
        "queue": "/async/orders",
        "checkout": "/cart/checkout",
    }
    http = RecordedHttp({paths[name]: reply for name, reply in answers.items()})
    for each in products:
        http.answers[f"/products/{each['productId']}"] = answer(200, each)
        http.answers[f"/cart/items/{each['productId']}"] = answer(200, {"items": [], "totalCents": 0})
    return http
