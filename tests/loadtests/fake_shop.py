"""The parts of the fake stack's shop that remember something: customers with their carts, and a scarce product."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from werkzeug.wrappers import Request

SEEDED = {"demo@example.com": "demo-password", "admin@example.com": "admin-password"}


class Refusal(Exception):
    """An answer that is none of the good ones."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Customers:
    """Who may come in, and what lies in whose cart. A token is its user's e-mail address."""

    def __init__(self, more: Iterable[str] = ()) -> None:
        self._passwords = SEEDED | dict.fromkeys(more, "demo-password")
        self._carts: dict[str, dict[str, int]] = defaultdict(dict)
        self._checking_out: set[str] = set()

    def register(self, body: dict[str, Any]) -> dict[str, Any]:
        if self._passwords.setdefault(body["email"], body["password"]) is not body["password"]:
            raise Refusal(409, "taken")
        return {"userId": body["email"]}

    def log_in(self, body: dict[str, Any]) -> dict[str, Any]:
        if self._passwords.get(body["email"]) != body["password"]:
            raise Refusal(401, "no such user")
        return {"token": body["email"], "expiresIn": 3600, "userId": body["email"]}

    def of(self, request: Request) -> str:
        """Whose request it is."""
        user = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if user not in self._passwords:
            raise Refusal(401, "log in first")
        return user

    def admin(self, request: Request) -> None:
        if self.of(request) != "admin@example.com":
            raise Refusal(403, "not an admin")

    def put(self, user: str, product: str, quantity: int) -> dict[str, Any]:
        if user in self._checking_out:
            raise Refusal(409, "somebody else has this cart")
        self._carts[user][product] = quantity
        return {"items": [], "totalCents": 0}

    @contextmanager
    def checking_out(self, user: str) -> Iterator[list[dict[str, Any]]]:
        """Take everything out of the cart; until the end nobody else may come near it."""
        cart = self._carts.pop(user, {})
        if not cart or user in self._checking_out:
            raise Refusal(409, "the cart is empty")
        self._checking_out.add(user)
        try:
            yield [{"productId": product, "quantity": quantity} for product, quantity in cart.items()]
        finally:
            self._checking_out.discard(user)


class Stock:
    """What is left of `flash-1`, of which `oversold` more are sold than there are; there is enough of all else."""

    def __init__(self, oversold: int = 0) -> None:
        self.left = 100
        self._oversold = oversold
        self._lock = threading.Lock()

    def put(self, body: dict[str, Any]) -> dict[str, Any]:
        self.left = body["stock"]
        return body

    def take(self, items: list[dict[str, Any]]) -> bool:
        """Whether there was enough, of which that much is gone now."""
        wanted = sum(line["quantity"] for line in items if line["productId"] == "flash-1")
        with self._lock:
            if wanted and self.left < wanted:
                if not self._oversold:
                    return False
                self._oversold -= wanted
                return True
            self.left -= wanted
        return True


class Sales:
    """What analytics has; `forgotten` cents of it are missing."""

    def __init__(self, forgotten: int = 0) -> None:
        self._sold: list[tuple[float, int]] = []
        self._forgotten = forgotten

    def count(self, at: float, cents: int) -> None:
        self._sold.append((at, cents))

    def since(self, text: str) -> dict[str, Any]:
        begin = datetime.fromisoformat(text).timestamp() // 60 * 60
        cents = [cents for at, cents in self._sold if at >= begin]
        return {"orders": len(cents), "units": 0, "revenueCents": sum(cents) - (self._forgotten if cents else 0)}
