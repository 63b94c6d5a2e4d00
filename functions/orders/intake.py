"""Taking an order.

Why not Powertools' idempotency for `Idempotency-Key`? Its record and the order would be two writes: a
function that dies between them either takes the order twice or refuses it while the record is in progress.
Here the key *is* the order's id (uuid5 of customer and key) and the put is conditional, so one write decides,
whoever dies when.
"""

from dataclasses import dataclass

from common.auth import Principal
from common.events import Stage
from common.log import logger
from common.outbox import IN_OUTBOX, next_sweep
from common.purchase import Prices, total
from orders.domain import (
    IdempotencyKeyReusedError,
    Order,
    fingerprint,
    order_id_for,
    priced,
)
from orders.models import OrderRequest
from orders.outbox import Outbox
from orders.store import Orders


@dataclass(frozen=True, slots=True)
class Intake:
    """Accepts orders: price, store, announce, publish."""

    orders: Orders
    prices: Prices
    outbox: Outbox

    def accept(self, request: OrderRequest, customer: Principal, key: str | None, cid: str, now: str) -> Order:
        """The stored order, new or found under the same key.

        Raises UnknownProductError, or IdempotencyKeyReusedError when the key came with another request. Once
        the order is stored nothing raises: what cannot be published now is published by the sweep.
        """
        order_id = order_id_for(customer.user_id, key)
        stored = self.orders.get(order_id) if key is not None else None
        if stored is not None:
            return _same_request(stored, request)
        lines = priced(
            {line.product_id: line.quantity for line in request.items},
            self.prices.of([line.product_id for line in request.items]),
        )
        order = Order(
            order_id=order_id,
            customer_id=customer.user_id,
            customer_email=customer.email,
            items=lines,
            total_cents=total(lines),
            payment=request.payment.payment(),
            placed_at=now,
            stages={Stage.ACCEPTED.value: now},
            correlation_id=cid,
            fingerprint=fingerprint(request),
            outbox=IN_OUTBOX,
            due_at=next_sweep(now, 0),
        )
        stored = self.orders.add(order)
        if stored is not None and not _is_own_write(stored, order):
            return _same_request(stored, request)
        logger.info("order accepted", order_id=order_id, total_cents=order.total_cents)
        self._tell(order)
        return order

    def _tell(self, order: Order) -> None:
        try:
            self.outbox.placed([order])
        except Exception:  # the order stands; not knowing what failed is no reason to refuse it
            logger.exception("could not publish; the sweep will", order_id=order.order_id)


def _is_own_write(stored: Order, order: Order) -> bool:
    """Whether the SDK wrote `order`, missed the answer, and met its own item when it tried again."""
    return (stored.placed_at, stored.correlation_id) == (order.placed_at, order.correlation_id)


def _same_request(stored: Order, request: OrderRequest) -> Order:
    if stored.fingerprint != fingerprint(request):
        raise IdempotencyKeyReusedError("This Idempotency-Key came with another order before.")
    return stored
