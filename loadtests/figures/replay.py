"""What of an order log was played, how near to its times, and whether the shop's books have it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from loadtests.figures.orders import fate
from loadtests.replay.recording import Recording, number_of
from loadtests.replay.words import recording
from loadtests.result import Result


def told(result: Result) -> dict[str, Any] | None:
    """None in other scenarios.

    `from` and `to` are the log's times of what was to be played, `orders` and `rows` what it has there, with what was
    left out by reason; `customers` are those who are named, `guest_orders` those of nobody. `not_final`: orders to be
    played that were not confirmed, rejected or cancelled, whyever. `arrivals_off_ms` and `arrivals_off_percent`: how
    far from where the log has it (its minute, as fast as it was played) the generator turned to an order, at most; the
    latter of the run's length. One whose customer is not logged in by then leaves later: that is the stack's time, and
    in the order's latency. Of arrivals that could not be sent `run.dropped` tells.

    `revenue_cents` is what the confirmed orders cost, at the shop's prices, `analytics_cents` by how much the sales
    that analytics tells have grown; `revenue_difference` and `orders_difference`: what analytics has more, below 0
    less. None where that cannot be known: it does not tell, or the run was ended before its orders were. For such a
    run analytics is not waited for: `revenue_cents` and `analytics_cents` may be None, too.
    """
    if not result.plan.log:
        return None
    found = recording(result.plan)
    return {
        "log": result.plan.log,
        "speed": found.speed,
        "seed": result.plan.seed,
        "from": f"{found.since:%F %T}",
        "to": f"{found.until:%F %T}",
        "orders": {
            "read": found.tally.orders,
            "played": len(found.baskets),
            "left_out": _sorted(found.tally.orders_left_out),
        },
        "rows": {
            "read": found.tally.rows,
            "played": _rows_played(found),
            "left_out": _sorted(found.tally.rows_left_out),
        },
        "units": sum(quantity for basket in found.baskets for _, quantity in basket.items),
        "customers": len({basket.customer for basket in found.baskets if basket.customer}),
        "guest_orders": sum(not basket.customer for basket in found.baskets),
        "not_final": _not_final(result, found),
        **_off(result, found),
        **_revenue(result),
    }


def _sorted(reasons: Any) -> dict[str, int]:
    return dict(Counter(reasons).most_common())


def _rows_played(found: Recording) -> int:
    return found.tally.rows - sum(found.tally.rows_left_out.values())


def _not_final(result: Result, found: Recording) -> int | None:
    if result.state != "complete":
        return None
    fates = Counter(fate(order, result) for order in result.orders)
    return len(found.baskets) - fates["CONFIRMED"] - fates["REJECTED"] - fates["CANCELLED"]


def _off(result: Result, found: Recording) -> dict[str, float | None]:
    off_s = [
        found.off_by_s(number_of(order.correlation_id), order.placed.sent - result.started_at)
        for order in result.orders
        if order.placed
    ]
    farthest_s = max(off_s, default=None)
    return {
        "arrivals_off_ms": None if farthest_s is None else round(farthest_s * 1000, 3),
        "arrivals_off_percent": None if farthest_s is None else round(farthest_s / found.duration_s * 100, 4),
    }


def _revenue(result: Result) -> dict[str, int | None]:
    confirmed = (result.outcome or {}).get("confirmed") or {}
    analytics = (result.outcome or {}).get("analytics") or {}
    known = bool(confirmed and analytics) and result.state == "complete"
    return {
        "revenue_cents": confirmed.get("cents"),
        "analytics_cents": analytics.get("cents"),
        "revenue_difference": analytics["cents"] - confirmed["cents"] if known else None,
        "orders_difference": analytics["orders"] - confirmed["orders"] if known else None,
    }
