"""The outbox sweep: publishes again what a request could not, or died before it did.

Each due order is first moved to its next time (30 s, doubled each time, at most an hour) and then published.
So two sweeps at once do not publish the same order, and a sweep that dies loses nothing: the order comes due
again.
"""

from collections.abc import Callable
from itertools import batched

from common import clock
from common.log import logger
from orders.domain import Order, next_sweep
from orders.outbox import Outbox
from orders.store import Orders

MAX_ORDERS = 500
_BATCH = 10
_RESERVE_MS = 1500


def sweep(orders: Orders, outbox: Outbox, remaining_ms: Callable[[], int]) -> dict[str, int]:
    """Publish at most `MAX_ORDERS` due orders, ten at a time, as long as the invocation has 1.5 s left.

    Answers how many were found due, and how many were published.
    """
    now = clock.now()
    due = orders.due(now, MAX_ORDERS)
    published = 0
    for batch in batched(due, _BATCH, strict=False):
        if remaining_ms() < _RESERVE_MS:
            break
        claimed = [order for order in batch if orders.postpone(order, next_sweep(now, order.attempts + 1))]
        published += _publish(outbox, claimed)
    if due:
        logger.info("swept", due=len(due), published=published)
    return {"due": len(due), "published": published}


def _publish(outbox: Outbox, orders: list[Order]) -> int:
    try:
        outbox.placed(orders)
    except Exception:  # one bad batch must not hold the others; it comes due again
        for order in orders:
            logger.exception("still not published", order_id=order.order_id, correlation_id=order.correlation_id)
        return 0
    for order in orders:
        logger.info("published again", order_id=order.order_id, correlation_id=order.correlation_id)
    return len(orders)
