"""Scenario `checkout`: browse the catalogue, fill a cart with one to three products, check it out.

A cart belongs to a user, so every shopper who is under way is a user of their own, registered when the run is set up; a
user who has checked out shops again. The instant that counts is the one at which the checkout's POST should leave: in
the open model the arrival. Browsing and filling the cart start `lead_s` earlier. Unlike an order, a checkout cannot
leave without them: a slow cart delays it, and what it is late counts in its latency.
"""

from __future__ import annotations

import itertools
import json
import random
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from gevent.event import Event

from loadtests.arrivals.schedule import Schedule, constant
from loadtests.errors import SetupError
from loadtests.orders import Order
from loadtests.records import Placed
from loadtests.scenarios.base import USUAL, Defaults, Http
from loadtests.scenarios.order import browse, lines
from loadtests.scenarios.shop import CHECKOUT, PAYMENT, Session, place, product_ids, register

MOST_AT_FIRST: Final = 50
"""Users that a journey registers before it begins, at most: each costs the shop two hashed passwords."""


@dataclass(frozen=True)
class CheckoutScenario:
    """See the module."""

    defaults: Defaults = USUAL
    schedule: Callable[[float, float], Schedule] = constant
    lead_s: float = 1.0
    unit: str = "orders"

    def open(self, http: Http) -> dict[str, Any]:
        """Read the catalogue, and see that customers are taken: one registers, and never buys."""
        register(http)
        return {"products": product_ids(http)}

    def journey(
        self,
        http: Http,
        shop: dict[str, Any],
        prefix: str,
        placed: Callable[[Placed], None],
        seed: int,
        at_once: int = 1,
    ) -> CheckoutJourney:
        """Register `at_once` users, and make a journey of correlation ids `<prefix><seed>-<number>`."""
        shoppers = Shoppers(http)
        shoppers.hire(min(at_once, MOST_AT_FIRST))
        return CheckoutJourney(http, shoppers, shop["products"], f"{prefix}{seed}-", placed, random.Random(seed))

    def close(self, http: Http, shop: dict[str, Any], orders: Sequence[Order]) -> None:
        """Nothing to add: the order book has it all."""


@dataclass
class Shoppers:
    """Users of this journey alone, those who are not shopping right now. Each is in one cart's way at a time."""

    http: Http
    _free: deque[Session] = field(default_factory=deque)

    def hire(self, count: int) -> None:
        """Register so many. Where the shop takes no more, there are fewer: whoever needs one tries again."""
        for _ in range(count):
            try:
                self._free.append(register(self.http))
            except SetupError:
                return

    def take(self) -> Session | None:
        """A user for one cart; a new one when all are shopping. None when the shop does not take one."""
        if not self._free:
            self.hire(1)
        if not self._free:
            return None
        session = self._free.popleft()
        session.renew(self.http)
        return session

    def give_back(self, session: Session) -> None:
        """That cart is checked out. (If it failed, what lies in it is bought the next time: 100 lines at most.)"""
        self._free.append(session)


@dataclass(slots=True)
class Cart:
    """A cart that is being filled, until `filled`; then it has a user, unless the shop did not take one."""

    filled: Event = field(default_factory=Event)
    session: Session | None = None


@dataclass
class CheckoutJourney:
    """Fills carts (`prepare`) and checks them out (`iterate`), each the oldest one that waits."""

    http: Http
    shoppers: Shoppers
    products: list[str]
    prefix: str
    placed: Callable[[Placed], None]
    choice: random.Random
    _carts: deque[Cart] = field(default_factory=deque)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    def prepare(self, arrival: float) -> None:
        """Browse, and put products into a cart, one after the other."""
        cart = Cart()
        self._carts.append(cart)
        try:
            browse(self.http, self.choice.choice(self.products), arrival)
            cart.session = self._fill(arrival)
        finally:
            cart.filled.set()

    def iterate(self, arrival: float) -> None:
        """Check a cart out. One that nobody has prepared is filled now; without a user no order can be sent."""
        correlation_id, begun = f"{self.prefix}{next(self._numbers)}", time.time()
        session = self._oldest_cart() if self._carts else self._fill(arrival)
        if session is None:
            self.placed(Placed(correlation_id, arrival, begun, time.time(), 0, None))
            return
        try:
            placed = place(self.http, CHECKOUT, session, correlation_id, arrival, {"payment": PAYMENT})
            self.placed(placed._replace(sent=begun))
        finally:
            self.shoppers.give_back(session)

    def _oldest_cart(self) -> Session | None:
        cart = self._carts.popleft()
        cart.filled.wait()
        return cart.session

    def _fill(self, arrival: float) -> Session | None:
        session = self.shoppers.take()
        if session is not None:
            for line in lines(self.choice, self.products):
                self._put(session, line, arrival)
        return session

    def _put(self, session: Session, line: dict[str, Any], arrival: float) -> None:
        with self.http.request(
            "PUT",
            f"/cart/items/{line['productId']}",
            name="/cart/items/{productId}",
            catch_response=True,
            headers=session.headers,
            data=json.dumps({"quantity": line["quantity"]}),
            context={"arrival": arrival, "intended": time.time()},
        ):
            pass


SCENARIO: Final = CheckoutScenario()
