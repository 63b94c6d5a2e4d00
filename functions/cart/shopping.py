"""Filling a cart and checking it out.

One transaction decides a checkout: it empties the cart, as it was read, and stores the order that it becomes, with its
id and prices. Of many checkouts at once one finds the cart as it was read; to the others it is empty. Then the order is
published. A function that dies before that leaves it in the outbox, and the sweep publishes it.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from cart.domain import Cart, CartChangingError, CartFullError, Checkout, EmptyCartError, NotInCartError, priced
from cart.store import Carts, Checkouts
from common.auth import Principal
from common.errors import NotFoundError
from common.events import EventType, Line, Payment, Publisher
from common.log import logger
from common.outbox import IN_OUTBOX, next_sweep
from common.purchase import Prices, total

_ATTEMPTS = 10


@dataclass(frozen=True, slots=True)
class Shopping:
    """What the customer does with the cart."""

    carts: Carts
    checkouts: Checkouts
    prices: Prices
    publisher: Publisher

    def lines(self, cart: Cart) -> tuple[Line, ...]:
        """What of the cart can be bought, at today's prices."""
        return priced(cart.quantities, self.prices.of(list(cart.quantities)))

    def put(self, customer_id: str, product_id: str, quantity: int, now: str) -> Cart:
        """Make it so many of one product. Raises NotFoundError for an unknown product, and CartFullError.

        Products that have left the catalogue are not shown, so they must not fill the cart: they are taken out of
        a full one.
        """
        if product_id not in self.prices.of([product_id]):
            raise NotFoundError("There is no such product.")
        try:
            return self.carts.put(customer_id, product_id, quantity, now)
        except CartFullError:
            if not self._take_out_gone(customer_id, now):
                raise
        return self.carts.put(customer_id, product_id, quantity, now)

    def _take_out_gone(self, customer_id: str, now: str) -> bool:
        quantities = self.carts.get(customer_id).quantities
        gone = sorted(quantities.keys() - self.prices.of(list(quantities)).keys())
        if not gone:
            return False
        try:
            self.carts.remove(customer_id, gone, now)
        except NotInCartError:  # another request has done it
            logger.info("they are out of the cart already", products=gone)
        return True

    def check_out(self, customer: Principal, payment: Payment, correlation_id: str, now: str) -> Checkout:
        """Make an order of the cart. Raises EmptyCartError, also when another checkout came first.

        Once the order is stored nothing raises: what cannot be published now is published by the sweep.
        """
        order_id = str(uuid.uuid4())
        cart = self.carts.get(customer.user_id)
        before = cart.last_order_id
        for _ in range(_ATTEMPTS):
            lines = self.lines(cart) if cart.last_order_id == before else ()
            if not lines:
                raise EmptyCartError.after(cart.last_order_id)
            checkout = Checkout(
                order_id=order_id,
                customer_id=customer.user_id,
                customer_email=customer.email,
                items=lines,
                total_cents=total(lines),
                payment=payment,
                checked_out_at=now,
                correlation_id=correlation_id,
                outbox=IN_OUTBOX,
                due_at=next_sweep(now, 0),
            )
            changed = self.carts.check_out(cart, checkout)
            if changed is None:
                logger.info("cart checked out", order_id=order_id, total_cents=checkout.total_cents)
                self._tell(checkout)
                return checkout
            cart = changed
        raise CartChangingError("The cart is being changed all the time. Nothing was bought: try again.")

    def _tell(self, checkout: Checkout) -> None:
        try:
            self.publish([checkout])
        except Exception:  # the order stands; not knowing what failed is no reason to refuse it
            logger.exception("could not publish; the sweep will", order_id=checkout.order_id)

    def publish(self, checkouts: Sequence[Checkout]) -> None:
        """Tell the others; raises what publishing or forgetting raises. Twice is harmless: the order ids are fixed."""
        self.publisher.publish(EventType.CART_CHECKED_OUT, [checkout.event() for checkout in checkouts])
        for checkout in checkouts:
            self.checkouts.published(checkout)
