"""Customers who buy in every way that the shop has, and change their minds."""

import random
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.integration.conftest import FINAL, Customer
from tests.waiting import until

_TOKENS = {"tok_ok": 75, "tok_declined": 12, "tok_flaky": 10, "tok_slow": 3}


@dataclass
class Shopper:
    """One customer, in one thread, with the orders that were accepted and those whose cancellation was."""

    customer: Customer
    products: Sequence[str]
    choice: random.Random
    orders: list[str] = field(default_factory=list)
    cancelled: set[str] = field(default_factory=set)
    doors: Counter[str] = field(default_factory=Counter)

    def buy(self) -> None:
        """Place one order through one of the doors; every sixth is to be cancelled, at once if it can be."""
        door = self.choice.choices([self._directly, self._by_queue, self._by_cart], [60, 25, 15])[0]
        order_id = door()
        self.orders.append(order_id)
        self.doors[door.__name__] += 1
        if self.choice.random() < 1 / 6:
            self._cancel(order_id)

    def regret(self) -> None:
        """Cancel some of the orders that are through."""
        for order_id in self.choice.sample(self.orders, len(self.orders) // 12):
            self._cancel(order_id)

    def settled(self) -> dict[str, Any]:
        """Every order by its id, once all have a final status."""
        orders: dict[str, Any] = {}

        def all_final() -> bool:
            orders.update(self._listed())
            return set(orders) >= set(self.orders) and all(order["status"] in FINAL for order in orders.values())

        until(all_final, timeout_s=110, every_s=1)  # some pages each time: not what the machine should be busy with
        return orders

    def _listed(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        cursor = ""
        while True:
            page = self.customer.call("GET", f"/orders?limit=100{cursor}").json()
            found |= {order["orderId"]: order for order in page["items"]}
            if not page.get("cursor"):
                return found
            cursor = f"&cursor={page['cursor']}"

    def _lines(self) -> list[tuple[str, int]]:
        products = self.choice.sample(self.products, self.choice.randint(1, 3))
        return [(product, self.choice.randint(1, 3)) for product in products]

    def _payment(self) -> dict[str, str]:
        (token,) = self.choice.choices(list(_TOKENS), list(_TOKENS.values()))
        return {"method": "card", "token": token}

    def _body(self) -> dict[str, object]:
        items = [{"productId": product, "quantity": quantity} for product, quantity in self._lines()]
        return {"items": items, "payment": self._payment()}

    def _directly(self) -> str:
        """POST /orders, each fourth time twice with one key."""
        body, headers = self._body(), {"Idempotency-Key": uuid.uuid4().hex}
        answers = [
            self.customer.call("POST", "/orders", body, headers=headers)
            for _ in range(2 if self.choice.random() < 0.25 else 1)
        ]
        assert [answer.status_code for answer in answers] == [202] * len(answers), answers[0].text
        (order_id,) = {answer.json()["orderId"] for answer in answers}
        return str(order_id)

    def _by_queue(self) -> str:
        """POST /async/orders, which finds out later that there is no such product."""
        body = self._body()
        if self.choice.random() < 0.1:
            body["items"] = [{"productId": "no-such-product", "quantity": 1}]
        answer = self.customer.call("POST", "/async/orders", body)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["messageId"])

    def _by_cart(self) -> str:
        for product, quantity in self._lines():
            answer = self.customer.call("PUT", f"/cart/items/{product}", {"quantity": quantity})
            assert answer.status_code == 200, answer.text
        answer = self.customer.call("POST", "/cart/checkout", {"payment": self._payment()})
        assert answer.status_code == 202, answer.text
        return str(answer.json()["orderId"])

    def _cancel(self, order_id: str) -> None:
        """404: it is still on its way to orders; 409: it was rejected, or is cancelled already."""
        answer = self.customer.call("POST", f"/orders/{order_id}/cancel")
        assert answer.status_code in (202, 404, 409), answer.text
        if answer.status_code == 202:
            self.cancelled.add(order_id)
