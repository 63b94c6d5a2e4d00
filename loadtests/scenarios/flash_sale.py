"""Scenario `flash-sale`: everybody wants one `flash-1`, of which there are a hundred.

What matters is not how fast the others are told that it is sold out, but that exactly the stock is confirmed. The stock
is set when the run is set up; there is no warm-up by default, for its orders would buy some of it.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from loadtests.arrivals.schedule import Schedule, constant
from loadtests.errors import SetupError
from loadtests.orders import Order
from loadtests.records import Placed
from loadtests.scenarios.base import Defaults, Http
from loadtests.scenarios.shop import (
    ADMIN_EMAIL,
    ADMIN_PASSWORD,
    DIRECT,
    PAYMENT,
    Session,
    log_in,
    place,
    product,
    read,
)

PRODUCT: Final = "flash-1"
STOCK: Final = 100
SALE: Final = Defaults(rate=20.0, duration_s=15.0, warmup_s=0.0)


@dataclass(frozen=True)
class FlashSale:
    """See the module. What it says in the end: `{productId, before, after}`, the stock before and after the sale."""

    defaults: Defaults = SALE
    schedule: Callable[[float, float], Schedule] = constant
    lead_s: float = 0.5
    unit: str = "orders"

    def open(self, http: Http) -> dict[str, Any]:
        """Set the stock, as the admin, and log in as the demo user."""
        put_on_sale(http, log_in(http, ADMIN_EMAIL, ADMIN_PASSWORD))
        return {"session": log_in(http).to_json()}

    def journey(
        self,
        http: Http,
        shop: dict[str, Any],
        prefix: str,
        placed: Callable[[Placed], None],
        seed: int,
        at_once: int = 1,
    ) -> FlashJourney:
        """Make a journey of correlation ids `<prefix><seed>-<number>`."""
        return FlashJourney(http, Session(**shop["session"]), f"{prefix}{seed}-", placed)

    def close(self, http: Http, shop: dict[str, Any], orders: Sequence[Order]) -> dict[str, Any]:
        """The stock that is left."""
        left = product(http, PRODUCT)
        return {"productId": PRODUCT, "before": STOCK, "after": left.stock if left else None}


@dataclass
class FlashJourney:
    """Looks at the product and orders one of it."""

    http: Http
    session: Session
    prefix: str
    placed: Callable[[Placed], None]
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    def prepare(self, arrival: float) -> None:
        """Look at what there is to be had."""
        self.session.renew(self.http)
        read(self.http, f"/products/{PRODUCT}", "/products/{productId}", arrival)

    def iterate(self, arrival: float) -> None:
        """Order one."""
        correlation_id = f"{self.prefix}{next(self._numbers)}"
        body = {"items": [{"productId": PRODUCT, "quantity": 1}], "payment": PAYMENT}
        self.placed(place(self.http, DIRECT, self.session, correlation_id, arrival, body))


def put_on_sale(http: Http, admin: Session) -> None:
    """Have `STOCK` pieces of the product, and leave the rest of it as it is. Raises SetupError."""
    found = product(http, PRODUCT)
    if found is None:
        raise SetupError(f"there is no product {PRODUCT} to sell; seed it first (make reset)")
    body = {
        "name": found.name,
        "category": found.category,
        "priceCents": found.price_cents,
        "stock": STOCK,
        "description": found.description,
    }
    with http.request(
        "PUT",
        f"/products/{PRODUCT}",
        name="/products/{productId}",
        catch_response=True,
        headers=admin.headers,
        data=json.dumps(body),
    ) as response:
        if response.status_code != 200:
            raise SetupError(
                f"cannot set the stock of {PRODUCT}: PUT /products/{PRODUCT} answered "
                f"{response.status_code or 'nothing'}; is {ADMIN_EMAIL} an admin there?"
            )


SCENARIO: Final = FlashSale()
