"""Scenario `order`: browse the catalogue, then place an order of one to three products.

The instant that counts is the one at which the order's POST should leave. In the open model that is the
arrival itself: browsing starts `lead_s` earlier, in a greenlet of its own, and the POST leaves on time even
if the catalogue has not answered yet (products to buy were read when the run was set up). So a slow catalogue
shows in its own requests, a slow `POST /orders` in its own, and neither slows the arrivals down or hides in a
shifted clock.

The same journey through another door is `async_intake`; with another schedule it is `ramp`, `spike` and `soak`.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from loadtests.arrivals.schedule import Schedule, constant
from loadtests.orders import Order
from loadtests.records import Placed
from loadtests.scenarios.base import USUAL, Defaults, Http
from loadtests.scenarios.shop import DIRECT, PAYMENT, Door, Session, log_in, place, product_ids, read

MAX_LINES: Final = 3
MAX_QUANTITY: Final = 3


@dataclass(frozen=True)
class OrderScenario:
    """See the module."""

    defaults: Defaults = USUAL
    schedule: Callable[[float, float], Schedule] = constant
    door: Door = DIRECT
    lead_s: float = 0.5
    unit: str = "orders"

    def open(self, http: Http) -> dict[str, Any]:
        """Log in as the demo user and read the catalogue."""
        return {"session": log_in(http).to_json(), "products": product_ids(http)}

    def journey(
        self,
        http: Http,
        shop: dict[str, Any],
        prefix: str,
        placed: Callable[[Placed], None],
        seed: int,
        at_once: int = 1,
    ) -> OrderJourney:
        """Make a journey of its own random choices and correlation ids `<prefix><seed>-<number>`."""
        session = Session(**shop["session"])
        return OrderJourney(http, session, shop["products"], f"{prefix}{seed}-", placed, random.Random(seed), self.door)

    def close(self, http: Http, shop: dict[str, Any], orders: Sequence[Order]) -> None:
        """Nothing to add: the order book has it all."""


@dataclass
class OrderJourney:
    """Places orders. Its token is renewed in time, so that a run may outlast it."""

    http: Http
    session: Session
    products: list[str]
    prefix: str
    placed: Callable[[Placed], None]
    choice: random.Random
    door: Door = DIRECT
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    def prepare(self, arrival: float) -> None:
        """Look at the list, then at a product. The second request waits for the first, as a shopper does."""
        self.session.renew(self.http)
        browse(self.http, self.choice.choice(self.products), arrival)

    def iterate(self, arrival: float) -> None:
        """Send one order and report what was answered."""
        correlation_id = f"{self.prefix}{next(self._numbers)}"
        body = {"items": lines(self.choice, self.products), "payment": PAYMENT}
        self.placed(place(self.http, self.door, self.session, correlation_id, arrival, body))


def browse(http: Http, product: str, arrival: float) -> None:
    """Read the list, then a product."""
    read(http, "/products?limit=20", "/products", arrival)
    read(http, f"/products/{product}", "/products/{productId}", arrival)


def lines(choice: random.Random, products: list[str]) -> list[dict[str, Any]]:
    """One to three different products of one to three pieces each."""
    most = min(MAX_LINES, len(products))
    chosen = choice.sample(products, choice.randint(1, most))
    return [{"productId": product, "quantity": choice.randint(1, MAX_QUANTITY)} for product in chosen]


SCENARIO: Final = OrderScenario()
