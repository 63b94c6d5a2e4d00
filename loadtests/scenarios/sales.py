"""What analytics has of the orders that were confirmed in a run: how many, and what they brought."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Final

import gevent

from loadtests import times
from loadtests.errors import SetupError
from loadtests.scenarios.base import Http
from loadtests.scenarios.shop import ADMIN_EMAIL, ADMIN_PASSWORD, Session, content, log_in

SLACK_S: Final = 60.0
"""So long before now the period begins: the stack's clock need not be ours, and what was sold in it before is known."""

FOLLOWS_S: Final = 10.0
"""Analytics follows the orders within this time: figures that have not changed for so long are the last."""

LIMIT_S: Final = 60.0
LOOK_S: Final = 0.25
SETTLED_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Sales:
    """Confirmed orders and their revenue since the instant `since` (ISO 8601)."""

    since: str
    orders: int
    revenue_cents: int

    def to_json(self) -> dict[str, Any]:
        """The fields as JSON values; `Sales(**…)` reads them back."""
        return asdict(self)


def sold_since(
    http: Http, pause: Callable[[float], None] = gevent.sleep, now: Callable[[], float] = time.monotonic
) -> Sales:
    """What was sold in the last minute, once two looks agree: orders that were confirmed just now are counted soon.

    Raises SetupError where analytics does not tell.
    """
    admin = log_in(http, ADMIN_EMAIL, ADMIN_PASSWORD)
    since, until = times.render(time.time() - SLACK_S), now() + FOLLOWS_S
    sales = _sales(http, admin, since)
    while sales is not None and now() < until:
        pause(SETTLED_S)
        if (again := _sales(http, admin, since)) == sales:
            break
        sales = again
    if sales is None:
        raise SetupError(f"analytics tells {ADMIN_EMAIL} no sales, with which the run is checked: GET /analytics/sales")
    return sales


def told_by_analytics(
    http: Http,
    before: Sales,
    orders: int,
    revenue_cents: int,
    pause: Callable[[float], None] = gevent.sleep,
    now: Callable[[], float] = time.monotonic,
) -> dict[str, Any]:
    """What was confirmed in the run, and what analytics has more than `before`, in JSON.

    Asks until the revenue is the same, and a second later still is (an event that is booked twice may be so a moment
    later), or analytics has told the same for 10 s, or a minute is over. None where it tells nothing. Whoever else
    buys meanwhile is in its figures too.
    """
    confirmed = {"orders": orders, "cents": revenue_cents}
    try:
        admin = log_in(http, ADMIN_EMAIL, ADMIN_PASSWORD)
    except SetupError:
        return {"confirmed": confirmed, "analytics": None}
    begun = changed = now()
    sales = _sales(http, admin, before.since)
    while (at := now()) - changed < FOLLOWS_S and at - begun < LIMIT_S:
        agrees = sales is not None and sales.revenue_cents - before.revenue_cents == revenue_cents
        pause(SETTLED_S if agrees else LOOK_S)
        again = _sales(http, admin, before.since)
        if again != sales:
            sales, changed = again, now()
        elif agrees:
            break
    return {"confirmed": confirmed, "analytics": _growth(before, sales) if sales is not None else None}


def _growth(before: Sales, after: Sales) -> dict[str, int]:
    return {"orders": after.orders - before.orders, "cents": after.revenue_cents - before.revenue_cents}


def _sales(http: Http, admin: Session, since: str) -> Sales | None:
    """Of that time until now; None for any answer but one that tells them."""
    path, name = f"/analytics/sales?from={since}", "/analytics/sales"
    with http.request("GET", path, name=name, catch_response=True, headers=admin.headers) as response:
        told = content(response) if response.status_code == 200 else {}
    orders, revenue_cents = told.get("orders"), told.get("revenueCents")
    if not isinstance(orders, int) or not isinstance(revenue_cents, int):
        return None
    return Sales(since, orders, revenue_cents)
