"""Scenario `replay`: the orders of a log, each by its customer, with its basket, at its time.

Who orders logs in a second before, once in an hour, and looks at the first product of the basket; whom the log does not
name is the demo user. The instant that counts is that of the order's POST, as in `order`; like a checkout it cannot
leave before the customer is logged in, and what it is late for that counts as the stack's time.

In the end analytics is asked for what was sold meanwhile: that has to be what the confirmed orders cost.
"""

from __future__ import annotations

import shlex
import time
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import gevent
from gevent.event import Event

from loadtests.arrivals.recorded import Recorded
from loadtests.arrivals.schedule import Share
from loadtests.errors import SetupError, UsageError
from loadtests.orders import Order
from loadtests.plan import Plan
from loadtests.records import Placed
from loadtests.replay.recording import Recording, number_of
from loadtests.replay.words import recording
from loadtests.scenarios.base import Defaults, Http
from loadtests.scenarios.sales import Sales, sold_since, told_by_analytics
from loadtests.scenarios.shop import DIRECT, PASSWORD, PAYMENT, Session, all_products, log_in, place, read
from retail_log.ids import email

DEFAULTS: Final = Defaults(rate=1.0, duration_s=60.0, warmup_s=0.0)
"""Both follow from the log; here they stand for a run of no log, which there is not."""


@dataclass(frozen=True)
class Replay:
    """See the module. In the main process it has the `recording`, elsewhere the `times` alone. `seeding` is the command
    that puts the log's products and customers into the shop.

    What it says in the end: what was confirmed, what analytics told, and the difference, see `Sales`.
    """

    times: Recorded | None = None
    recording: Recording | None = None
    seeding: str = "make seed FROM=…"
    defaults: Defaults = DEFAULTS
    lead_s: float = 1.0
    unit: str = "orders"
    pause: Callable[[float], None] = gevent.sleep

    def schedule(self, rate: float, duration_s: float) -> Recorded:
        """The log's own. Raises UsageError without a log."""
        if self.times is None:
            raise UsageError("SCENARIO=replay plays an order log: LOG=… names it")
        return self.times

    def open(self, http: Http) -> dict[str, Any]:
        """See that all products are there and that the customers can log in, and what was sold until now.

        Raises SetupError, with the command that adds what is missing.
        """
        if self.recording is None or self.times is None:
            raise SetupError("SCENARIO=replay plays an order log: LOG=… names it")
        session = log_in(http)
        prices = {product.product_id: product.price_cents for product in all_products(http)}
        _require(http, self.recording, prices, self.seeding)
        baskets = [
            [number, basket.customer, [list(item) for item in basket.items], _cost(basket.items, prices)]
            for number, basket in enumerate(self.recording.baskets)
        ]
        return {
            "session": session.to_json(),
            "instants": list(self.times.instants),
            "duration_s": self.times.duration_s,
            "baskets": baskets,
            "sales": sold_since(http, self.pause).to_json(),
        }

    def part(self, shop: dict[str, Any], share: Share) -> dict[str, Any]:
        """What one process needs: the baskets of its own arrivals."""
        return {**shop, "baskets": shop["baskets"][share.index :: share.of]}

    def journey(
        self,
        http: Http,
        shop: dict[str, Any],
        prefix: str,
        placed: Callable[[Placed], None],
        seed: int,
        at_once: int = 1,
    ) -> ReplayJourney:
        """Make a journey of correlation ids `<prefix><seed>-<number>`: the number is that of the order in the log."""
        baskets = {number: Planned(*rest) for number, *rest in shop["baskets"]}
        customers = Customers(http, {"": Session(**shop["session"])})
        return ReplayJourney(http, customers, shop["instants"], baskets, f"{prefix}{seed}-", placed)

    def close(self, http: Http, shop: dict[str, Any], orders: Sequence[Order]) -> dict[str, Any]:
        """What analytics has of the run; waits for it for a while, as it follows the orders."""
        costs = {number: cost for number, _, _, cost in shop["baskets"]}
        confirmed = [
            costs[number_of(order.correlation_id)]
            for order in orders
            for stages in order.heard.values()
            if "confirmed" in stages
        ]
        return told_by_analytics(http, Sales(**shop["sales"]), len(confirmed), sum(confirmed), self.pause)


@dataclass(frozen=True, slots=True)
class Planned:
    """One order of the log: who buys what, and what that has to cost."""

    customer: str
    items: list[tuple[str, int]]
    total_cents: int

    @property
    def body(self) -> dict[str, Any]:
        """As `POST /orders` takes it."""
        return {
            "items": [{"productId": product, "quantity": quantity} for product, quantity in self.items],
            "payment": PAYMENT,
        }


@dataclass
class Customers:
    """Sessions by user id, each begun when it is first needed; whoever else needs it meanwhile waits for it."""

    http: Http
    known: dict[str, Session]
    _coming: dict[str, Event] = field(default_factory=dict)

    def session(self, customer: str, arrival: float) -> Session | None:
        """The customer's, renewed in time; None where the shop does not let them in. The next call tries again."""
        while coming := self._coming.get(customer):  # whoever waited beside may be the next to try
            coming.wait()
        if session := self.known.get(customer):
            session.renew(self.http)
            return session
        self._coming[customer] = come = Event()
        try:
            context = {"arrival": arrival, "intended": time.time()}
            self.known[customer] = session = log_in(self.http, email(customer), PASSWORD, context)
            return session
        except SetupError:
            return None
        finally:
            del self._coming[customer]
            come.set()


@dataclass
class ReplayJourney:
    """Plays what the log has at an instant. Arrivals are told apart by their instants, which are the log's."""

    http: Http
    customers: Customers
    instants: Sequence[float]
    baskets: Mapping[int, Planned]
    prefix: str
    placed: Callable[[Placed], None]
    _start: float = 0.0

    def begin(self, start: float) -> None:
        """The measured window begins then."""
        self._start = start

    def prepare(self, arrival: float) -> None:
        """Log in, unless that is done, and look at a product."""
        planned = self.baskets[self._number(arrival)]
        self.customers.session(planned.customer, arrival)
        read(self.http, f"/products/{planned.items[0][0]}", "/products/{productId}", arrival)

    def iterate(self, arrival: float) -> None:
        """Order what was ordered then. Without a session no order can be sent."""
        number, begun = self._number(arrival), time.time()
        planned, correlation_id = self.baskets[number], f"{self.prefix}{number}"
        session = self.customers.session(planned.customer, arrival)
        if session is None:
            self.placed(Placed(correlation_id, arrival, begun, time.time(), 0, None))
            return
        placed = place(self.http, DIRECT, session, correlation_id, arrival, planned.body, planned.total_cents)
        self.placed(placed._replace(sent=begun))

    def _number(self, arrival: float) -> int:
        """Of the instant that is nearest: adding the start has rounded it."""
        offset_s = arrival - self._start
        after = bisect_left(self.instants, offset_s)
        return min(
            (number for number in (after - 1, after) if 0 <= number < len(self.instants)),
            key=lambda number: abs(self.instants[number] - offset_s),
        )


def of(plan: Plan, shop: Mapping[str, Any] | None = None) -> Replay:
    """The scenario of a plan. With the `shop` that the main process has opened the log is not needed here."""
    if shop is not None:
        return Replay(Recorded(tuple(shop["instants"]), shop["duration_s"]))
    if not plan.log:
        return SCENARIO
    found = recording(plan)
    endpoint = "" if plan.port else f" ENDPOINT={plan.address.endpoint or '…'}"
    return Replay(
        Recorded(found.instants, found.duration_s), found, f"make seed FROM={shlex.quote(plan.log)}{endpoint}"
    )


def _cost(items: Sequence[tuple[str, int]], prices: Mapping[str, int]) -> int:
    return sum(prices[product] * quantity for product, quantity in items)


def _require(http: Http, found: Recording, prices: Mapping[str, int], seeding: str) -> None:
    """The products that are played, and the first of the customers: `make seed` adds all or nothing of a log."""
    wanted = {product for basket in found.baskets for product, _ in basket.items}
    if lacking := sorted(wanted - prices.keys()):
        raise SetupError(
            f"{len(lacking)} of the {len(wanted)} products that the log's orders name are not in the shop, such as "
            f"{lacking[0]}: {seeding} adds them"
        )
    customer = next((basket.customer for basket in found.baskets if basket.customer), None)
    if customer is None:
        return
    try:
        log_in(http, email(customer), PASSWORD)
    except SetupError as error:
        raise SetupError(f"{error}; {seeding} adds the log's customers") from error


SCENARIO: Final = Replay()
