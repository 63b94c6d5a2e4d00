"""Taking an order, by three doors: a request, a cart that was checked out, a message of the queue `order-intake`.

Behind each door one conditional write decides whether there is a new order: its id is fixed before, so whatever comes
twice meets what it made the first time.

Why not Powertools' idempotency for `Idempotency-Key`? Its record and the order would be two writes: a function that
dies between them either takes the order twice or refuses it while the record is in progress. Here the key *is* the
order's id (uuid5 of customer and key).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from common import clock
from common.auth import Principal
from common.events import OrderData, OrderEvent, Reason, Stage
from common.log import logger
from common.purchase import Prices, total
from orders.domain import IdempotencyKeyReusedError, Order, OrderIdTakenError, fingerprint, order_id_for, priced
from orders.models import LineRequest, OrderRequest, QueuedOrder
from orders.outbox import Outbox
from orders.store import Orders


@dataclass(frozen=True, slots=True)
class Intake:
    """Accepts orders: price, store, announce, publish.

    Once an order is stored nothing raises: what cannot be published now is published by the sweep.
    """

    orders: Orders
    prices: Prices
    outbox: Outbox

    def accept(self, request: OrderRequest, customer: Principal, key: str | None, cid: str, now: str) -> Order:
        """`POST /orders`: the stored order, new or found under the same key.

        Raises UnknownProductError, or IdempotencyKeyReusedError when the key came with another request.
        """
        order_id = order_id_for(customer.user_id, key)
        stored = self.orders.get(order_id) if key is not None else None
        if stored is not None:
            return _same_request(stored, request)
        quantities = _quantities(request.items)
        lines = priced(quantities, self.prices.of(list(quantities)))
        data = OrderData(
            order_id=order_id,
            customer_id=customer.user_id,
            customer_email=customer.email,
            items=lines,
            total_cents=total(lines),
            payment=request.payment.payment(),
        )
        order = Order.accepted(data, cid, at=now, now=now, fingerprint=fingerprint(request))
        stored = self.orders.add(order)
        if stored is not None and not _is_own_write(stored, order):
            return _same_request(stored, request)
        logger.info("order accepted", order_id=order_id, total_cents=order.total_cents)
        self.outbox.tell_now(order)
        return order

    def checked_out(self, event: OrderEvent) -> None:
        """CartCheckedOut: the cart is an order now, as it was priced there.

        Raises ValueError where a part lacks, and OrderIdTakenError.
        """
        at = event.metadata.stages.get(Stage.ACCEPTED.value)
        if at is None:
            raise ValueError("CartCheckedOut came without the time of the checkout, stage accepted")
        self._take(Order.accepted(event.data, event.metadata.correlation_id, at=at, now=clock.now()))

    def queued(self, message: QueuedOrder) -> None:
        """A message of `order-intake`. Its 202 is out: an unknown product can only be told as a rejection.

        Raises OrderIdTakenError.
        """
        quantities = _quantities(message.request.items)
        prices = self.prices.of(list(quantities))
        lines = priced(quantities, dict.fromkeys(quantities, 0) | dict(prices))
        data = OrderData(
            order_id=message.order_id,
            customer_id=message.customer_id,
            customer_email=message.customer_email,
            items=lines,
            total_cents=total(lines),
            payment=message.request.payment.payment(),
        )
        now = clock.now()
        order = Order.accepted(
            data, message.correlation_id, at=message.sent_at, now=now, fingerprint=fingerprint(message.request)
        )
        is_known = quantities.keys() <= prices.keys()
        self._take(order if is_known else order.rejected(Reason.UNKNOWN_PRODUCT, now))

    def _take(self, order: Order) -> None:
        """Store `order` and tell of it, once. A repeat finds the first one; if that is still in the outbox, its
        function died or met itself, and it is told now rather than by the sweep. Raises OrderIdTakenError.
        """
        stored = self.orders.add(order)
        if stored is not None and not _is_repeat(stored, order):
            raise OrderIdTakenError(order.order_id)
        if stored is not None and stored.outbox is None:
            logger.info("the order is known", status=stored.status.value)
            return
        logger.info("order taken", status=order.status.value, total_cents=order.total_cents)
        self.outbox.tell_now(stored or order)


def _quantities(lines: Sequence[LineRequest]) -> dict[str, int]:
    return {line.product_id: line.quantity for line in lines}


def _is_own_write(stored: Order, order: Order) -> bool:
    """Whether the SDK wrote `order`, missed the answer, and met its own item when it tried again."""
    return (stored.placed_at, stored.correlation_id, stored.fingerprint) == (
        order.placed_at,
        order.correlation_id,
        order.fingerprint,
    )


def _is_repeat(stored: Order, order: Order) -> bool:
    return (stored.customer_id, stored.fingerprint) == (order.customer_id, order.fingerprint)


def _same_request(stored: Order, request: OrderRequest) -> Order:
    if stored.fingerprint != fingerprint(request):
        raise IdempotencyKeyReusedError("This Idempotency-Key came with another order before.")
    return stored
