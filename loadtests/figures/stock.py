"""What became of a product of which there is not enough: is exactly the stock sold?"""

from __future__ import annotations

from typing import Any

from loadtests.figures import orders as of_orders
from loadtests.result import Result


def told(result: Result) -> dict[str, Any] | None:
    """The stock before and after, and the units sold: one an order, the warm-up's too. None in other scenarios.

    Units are those of all orders that the shop told of, also where the POST was answered by a failure: it may have
    become an order all the same. `difference`: confirmed beyond what should have been (the stock, or all orders if
    they are fewer), below 0 where it was too few. `unaccounted`: units gone that nobody bought, below 0 where more
    were sold than went. Each is None where it cannot be known: the shop did not tell, or the run was interrupted and
    did not wait.
    """
    outcome = result.outcome
    if outcome is None or "productId" not in outcome:
        return None
    confirmed = sum("confirmed" in stages for order in result.orders for stages in order.heard.values())
    wanted = sum(max(len(order.heard), int(order.accepted)) for order in result.orders)
    before, after = int(outcome["before"]), outcome["after"]
    expected = min(before, wanted)
    known = of_orders.lost(result.orders, result) is not None
    return {
        "productId": outcome["productId"],
        "before": before,
        "after": after,
        "confirmed_units": confirmed,
        "expected_units": expected,
        "difference": confirmed - expected if known else None,
        "unaccounted": before - after - confirmed if known and after is not None else None,
    }
