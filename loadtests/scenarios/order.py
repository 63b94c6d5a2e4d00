"""Scenario `order`: browse the catalogue, then place an order of one to three products.

The instant that counts is the one at which the order's POST should leave. In the open model that is the
arrival itself: browsing starts `lead_s` earlier, in a greenlet of its own, and the POST leaves on time even
if the catalogue has not answered yet (products to buy were read when the run was set up). So a slow catalogue
shows in its own requests, a slow `POST /orders` in its own, and neither slows the arrivals down or hides in a
shifted clock.
"""

from __future__ import annotations

import itertools
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from loadtests.errors import SetupError
from loadtests.records import Placed
from loadtests.scenarios.base import Http, Response
from shop_client.models import Login, ProductPage, SignedIn

EMAIL: Final = "demo@example.com"
PASSWORD: Final = "demo-password"
PAYMENT: Final = {"method": "card", "token": "tok_ok"}
MAX_LINES: Final = 3
MAX_QUANTITY: Final = 3
ENOUGH_STOCK: Final = 10_000
"""Products with less are left alone: an order that is rejected for want of stock measures something else."""

RENEW_BEFORE_S: Final = 60.0
JSON: Final = {"Content-Type": "application/json", "Accept": "application/json"}


@dataclass
class OrderScenario:
    """See the module. It keeps nothing between runs."""

    lead_s: float = 0.5

    def open(self, http: Http) -> dict[str, Any]:
        """Log in as the demo user and read the catalogue."""
        return {**log_in(http), "products": catalogue(http)}

    def journey(
        self, http: Http, shop: dict[str, Any], prefix: str, placed: Callable[[Placed], None], seed: int
    ) -> OrderJourney:
        """Make a journey of its own random choices and correlation ids `<prefix><seed>-<number>`."""
        return OrderJourney(http, dict(shop), f"{prefix}{seed}-", placed, random.Random(seed))


@dataclass
class OrderJourney:
    """Places orders. Its token is renewed in time, so that a run may outlast it."""

    http: Http
    shop: dict[str, Any]
    prefix: str
    placed: Callable[[Placed], None]
    choice: random.Random
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    def prepare(self, arrival: float) -> None:
        """Look at the list, then at a product. The second request waits for the first, as a shopper does."""
        self._renew()
        self._get("/products?limit=20", "/products", arrival)
        product = self.choice.choice(self.shop["products"])
        self._get(f"/products/{product}", "/products/{productId}", arrival)

    def iterate(self, arrival: float) -> None:
        """Send one order and report what was answered; anything but 202 with an order id is a failure."""
        correlation_id = f"{self.prefix}{next(self._numbers)}"
        headers = {
            **JSON,
            "Authorization": f"Bearer {self.shop['token']}",
            "X-Correlation-Id": correlation_id,
        }
        sent = time.time()
        with self.http.request(
            "POST",
            "/orders",
            name="/orders",
            catch_response=True,
            headers=headers,
            data=json.dumps({"items": self._lines(), "payment": PAYMENT}),
            context={"arrival": arrival, "intended": arrival},
        ) as response:
            order_id = accepted_order(response)
            status = response.status_code
        self.placed(Placed(correlation_id, arrival, sent, time.time(), status, order_id))

    def _lines(self) -> list[dict[str, Any]]:
        most = min(MAX_LINES, len(self.shop["products"]))
        products = self.choice.sample(self.shop["products"], self.choice.randint(1, most))
        return [{"productId": product, "quantity": self.choice.randint(1, MAX_QUANTITY)} for product in products]

    def _get(self, path: str, name: str, arrival: float) -> None:
        context = {"arrival": arrival, "intended": time.time()}
        with self.http.request("GET", path, name=name, catch_response=True, headers={}, context=context):
            pass

    def _renew(self) -> None:
        if time.time() < self.shop["expires_at"] - RENEW_BEFORE_S:
            return
        self.shop["expires_at"] = float("inf")
        try:
            self.shop.update(log_in(self.http))
        except SetupError:
            self.shop["expires_at"] = time.time() + 2 * RENEW_BEFORE_S


def accepted_order(response: Response) -> str | None:
    """The order id of a 202; None, with the response marked as failed, for any other answer."""
    if response.status_code != 202:
        response.failure(f"answered {response.status_code or 'nothing'} instead of 202")
        return None
    order_id = _json(response).get("orderId")
    if not isinstance(order_id, str) or not order_id:
        response.failure("a 202 without an orderId")
        return None
    return order_id


def log_in(http: Http) -> dict[str, Any]:
    """Return `{token, expires_at}` (epoch seconds). Raises SetupError if the demo user cannot log in."""
    body = json.dumps(Login(EMAIL, PASSWORD).to_dict())
    with http.request(
        "POST", "/users/login", name="/users/login", catch_response=True, headers=dict(JSON), data=body
    ) as response:
        answer = _parsed(SignedIn.from_dict, response)
        if response.status_code != 200 or answer is None:
            raise SetupError(
                f"cannot log in as {EMAIL}: POST /users/login answered {response.status_code or 'nothing'}; "
                "is the shop deployed and seeded there? (make up)"
            )
    return {"token": answer.token, "expires_at": time.time() + answer.expires_in}


def catalogue(http: Http) -> list[str]:
    """Return the ids of up to 100 products that can be bought without running out. Raises SetupError if there
    is none.
    """
    with http.request("GET", "/products?limit=100", name="/products", catch_response=True, headers={}) as response:
        page = _parsed(ProductPage.from_dict, response)
    items = page.items if page else []
    products = [item.product_id for item in items if item.stock >= ENOUGH_STOCK]
    if not products:
        raise SetupError(
            f"no product to order: GET /products answered {response.status_code or 'nothing'} with "
            f"{len(items)} products, none with {ENOUGH_STOCK} or more in stock; seed it first (make reset)"
        )
    return products


def _parsed[Model](parse: Callable[[dict[str, Any]], Model], response: Response) -> Model | None:
    """The body as one of the API's models; None where it is none."""
    try:
        return parse(_json(response))
    except (KeyError, TypeError, ValueError):
        return None


def _json(response: Response) -> dict[str, Any]:
    """The body as an object; an empty one for anything else."""
    try:
        body = json.loads(response.content or b"")
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


SCENARIO: Final = OrderScenario()
