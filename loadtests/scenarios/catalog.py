"""Scenario `catalog`: reads alone. Each arrival is one request, so `rate` is reads a second; no order is placed.

Three of five visitors look at a product, the others at the first page of a category.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from loadtests.arrivals.schedule import Schedule, constant
from loadtests.orders import Order
from loadtests.records import Placed
from loadtests.scenarios.base import Defaults, Http
from loadtests.scenarios.shop import catalogue, read

PRODUCTS_SHARE: Final = 0.6


READS: Final = Defaults(rate=20.0)


@dataclass(frozen=True)
class CatalogScenario:
    """See the module."""

    defaults: Defaults = READS
    schedule: Callable[[float, float], Schedule] = constant
    lead_s: float = 0.0
    unit: str = "reads"

    def open(self, http: Http) -> dict[str, Any]:
        """Read which products and categories there are."""
        found = catalogue(http)
        return {
            "products": [product.product_id for product in found],
            "categories": sorted({product.category for product in found}),
        }

    def journey(
        self,
        http: Http,
        shop: dict[str, Any],
        prefix: str,
        placed: Callable[[Placed], None],
        seed: int,
        at_once: int = 1,
    ) -> CatalogJourney:
        """Make a journey of its own random choices."""
        return CatalogJourney(http, shop["products"], shop["categories"], random.Random(seed))

    def close(self, http: Http, shop: dict[str, Any], orders: Sequence[Order]) -> None:
        """Reads leave nothing behind."""


@dataclass
class CatalogJourney:
    """Visitors, none of whom buys."""

    http: Http
    products: list[str]
    categories: list[str]
    choice: random.Random

    def prepare(self, arrival: float) -> None:
        """Nothing comes before a read."""

    def iterate(self, arrival: float) -> None:
        """Read once."""
        if self.choice.random() < PRODUCTS_SHARE:
            product = quote(self.choice.choice(self.products), safe="")
            read(self.http, f"/products/{product}", "/products/{productId}", arrival, arrival)
        else:
            category = quote(self.choice.choice(self.categories), safe="")
            read(self.http, f"/products?category={category}", "/products?category={category}", arrival, arrival)


SCENARIO: Final = CatalogScenario()
