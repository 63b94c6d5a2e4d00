"""What became of a product of which there is not enough: is exactly the stock sold?"""

from __future__ import annotations

from typing import Any

from loadtests.orders import Order
from loadtests.result import Result


def told(result: Result) -> dict[str, Any] | None:
    """The stock before and after, and the units sold: one an order, the warm-up's too. None in other scenarios.

    `difference`: confirmed beyond what should have been (the stock, or all accepted orders if they are fewer), below 0
    where it was too few. `unaccounted`: units gone that nobody bought, below 0 where more were sold than went.
    Each is None where it cannot be known: the shop did not tell, or the run was interrupted and did not wait.
    """
    outcome = result.outcome
    if outcome is None or "productId" not in outcome:
        return None
    accepted = [order for order in result.orders if order.accepted]
    confirmed = sum(order.status == "CONFIRMED" for order in accepted)
    before, after = int(outcome["before"]), outcome["after"]
    expected = min(before, len(accepted))
    known = _all_decided(accepted) or result.state == "complete"
    return {
        "productId": outcome["productId"],
        "before": before,
        "after": after,
        "confirmed_units": confirmed,
        "expected_units": expected,
        "difference": confirmed - expected if known else None,
        "unaccounted": before - after - confirmed if known and after is not None else None,
    }


def _all_decided(orders: list[Order]) -> bool:
    return all(order.status != "LOST" for order in orders)
