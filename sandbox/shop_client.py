"""The Shop API as the command line uses it: log in as the demo customer, place an order, look at it."""

import time
from typing import Any

import requests

from sandbox.errors import SandboxError

EMAIL = "demo@example.com"
PASSWORD = "demo-password"
ADMIN_EMAIL = "admin@example.com"
ADMIN_PASSWORD = "admin-password"
_TIMEOUT_S = 30
_PAGE = 100  # the most that GET /products lists at once


class ShopError(SandboxError):
    """The API answered something else than it promises, or not at all."""


class ShopClient:
    """One logged-in customer. Every method raises ShopError."""

    def __init__(self, api_url: str) -> None:
        self._api_url = api_url
        self._session = requests.Session()
        self._session.trust_env = False  # a proxy of the user's is for the way out, not for the loopback

    def log_in(self, email: str = EMAIL, password: str = PASSWORD) -> None:
        answer = self._call("POST", "/users/login", 200, {"email": email, "password": password})
        self._session.headers["Authorization"] = f"Bearer {answer['token']}"

    @property
    def authorization(self) -> str:
        """The header's value of who is logged in."""
        return str(self._session.headers["Authorization"])

    def in_stock(self, count: int) -> list[dict[str, Any]]:
        """At most ``count`` products that can be bought; at least one, or ShopError."""
        items: list[dict[str, Any]] = self._call("GET", f"/products?limit={_PAGE}", 200)["items"]
        found = [product for product in items if product["stock"] > 0][:count]
        if not found:
            raise ShopError(f"None of the shop's first {_PAGE} products is in stock: make reset brings it back.")
        return found

    def place_order(self, items: list[dict[str, Any]], token: str) -> dict[str, Any]:
        return self._call("POST", "/orders", 202, {"items": items, "payment": {"method": "card", "token": token}})

    def order(self, order_id: str) -> dict[str, Any]:
        return self._call("GET", f"/orders/{order_id}", 200)

    def order_once(self, order_id: str, stage: str, timeout_s: float) -> dict[str, Any]:
        """The order when it has reached ``stage``, or as it is after ``timeout_s``."""
        deadline = time.monotonic() + timeout_s
        while True:
            order = self.order(order_id)
            reached = any(entry["stage"] == stage for entry in order["timeline"])
            if reached or time.monotonic() > deadline:
                return order
            time.sleep(0.02)

    def _call(self, method: str, path: str, expected: int, body: Any = None) -> dict[str, Any]:
        try:
            answer = self._session.request(method, f"{self._api_url}{path}", json=body, timeout=_TIMEOUT_S)
        except requests.RequestException as error:
            raise ShopError(f"{method} {path} got no answer ({error.__class__.__name__}): see make status.") from error
        if answer.status_code != expected:
            raise ShopError(f"{method} {path} answered {answer.status_code} instead of {expected}: {answer.text[:300]}")
        content: dict[str, Any] = answer.json()
        return content
