"""Carts that are left: the sweep that finds them, and tells the others once for each time that a cart is left.

| what happens to the cart | its mark |
|---|---|
| a change | is set: `remindAt` is CART_ABANDONED_AFTER_S later |
| a checkout | is taken off |
| `remindAt` has come: the sweep claims it | is moved by ten minutes |
| CartAbandoned is out | is taken off, unless the customer has changed the cart meanwhile |

Only one of two sweeps at once gets the claim, and none gets it for a cart that was just changed. A sweep that dies
loses nothing: the cart comes due again, and a repeat is about the same version of it. A cart stays as it is.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import batched

from cart.domain import Cart, abandoned, priced
from cart.waiting import Customers, WaitingCarts
from common import clock
from common.events import CartEvent, EventType, Publisher
from common.log import logger
from common.purchase import Prices

MAX_CARTS = 200
_AGAIN_S = 600
_BATCH = 10
_RESERVE_MS = 1500


@dataclass(frozen=True, slots=True)
class Reminding:
    """The sweep, and what it needs."""

    waiting: WaitingCarts
    customers: Customers
    prices: Prices
    publisher: Publisher[CartEvent]

    def sweep(self, now: str, remaining_ms: Callable[[], int]) -> int:
        """Tell of at most `MAX_CARTS` carts that are left at `now`, as long as the invocation has 1.5 s left.

        Answers of how many it told. What fails is logged, and comes due again.
        """
        until = clock.after(now, _AGAIN_S)
        told = 0
        for batch in batched(self.waiting.overdue(now, MAX_CARTS), _BATCH, strict=False):
            if remaining_ms() < _RESERVE_MS:
                break
            try:
                claimed = [cart for each in batch if (cart := self.waiting.claim(each, until))]
                told += self._tell(claimed, until)
            except Exception:  # one bad batch must not hold the others
                logger.exception("carts are left, and it could not be told; they come due again")
        return told

    def _tell(self, carts: Sequence[Cart], until: str) -> int:
        events = self._events(carts)
        self.publisher.publish(EventType.CART_ABANDONED, events)
        for event in events:
            logger.info(
                "cart abandoned",
                customer_id=event.data.customer_id,
                cart_version=event.data.cart_version,
                correlation_id=event.metadata.correlation_id,
            )
        for cart in carts:
            self.waiting.done(cart.customer_id, until)
        return len(events)

    def _events(self, carts: Sequence[Cart]) -> list[CartEvent]:
        """None of a cart without anything that can be bought today, and none of a customer who is gone."""
        filled = [cart for cart in carts if cart.quantities]
        emails = self.customers.emails([cart.customer_id for cart in filled])
        prices = self.prices.of(sorted({product_id for cart in filled for product_id in cart.quantities}))
        return [
            abandoned(cart, emails[cart.customer_id], lines)
            for cart in filled
            if cart.customer_id in emails and (lines := priced(cart.quantities, prices))
        ]
