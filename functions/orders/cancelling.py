"""Cancelling an order on request.

One conditional write decides between the cancellation and whatever else happens to the order at that moment. It also
puts the order back into the outbox: OrderCancelled, on which stock and money go back, gets lost no more than
OrderPlaced does. What comes after, in whatever order, meets an order that is cancelled for good: a confirmation is
refused, and inventory and payments treat an order whose cancellation comes first as one never to begin with.
"""

import uuid

from common.auth import Principal
from common.errors import NotFoundError
from common.log import logger
from common.outbox import next_sweep
from orders.domain import Cancellation, NotCancellableError, Order
from orders.outbox import Outbox
from orders.store import Orders


def cancel(orders: Orders, outbox: Outbox, order_id: str, customer: Principal, cid: str, now: str) -> Order:
    """The order, cancelled by this request. Once that is stored nothing raises: the sweep publishes what is not out.

    Raises NotFoundError when the customer has no such order, NotCancellableError when it is rejected, or cancelled by
    another request; of several at once one wins.
    """
    cancellation = Cancellation(id=str(uuid.uuid4()), correlation_id=cid, at=now)
    order = orders.cancel(order_id, customer.user_id, cancellation, next_sweep(now, 0))
    if order is None:
        raise NotFoundError("There is no such order.")
    # Not the status: the SDK may have written, missed the answer, and met its own cancellation when it tried again.
    if order.cancellation != cancellation:
        raise NotCancellableError(f"The order is {order.status.value}: it can no longer be cancelled.")
    logger.info("order cancelled", order_id=order_id)
    outbox.tell_now(order)
    return order
