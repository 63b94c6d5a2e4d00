"""Carts and their checkouts in memory, with the same conditions as the DynamoDB store."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from cart.domain import Cart, CartFullError, Checkout, NotInCartError, Waiting
from common import clock
from common.outbox import IN_OUTBOX
from common.purchase import MAX_LINES

ABANDONED_AFTER_S = 86_400


@dataclass
class MemoryCarts:
    """`Carts`, `WaitingCarts` and `Checkouts` in dicts.

    `between` runs before each checkout's write, as another request may.
    """

    carts: dict[str, Cart] = field(default_factory=dict)
    checkouts: dict[str, Checkout] = field(default_factory=dict)
    waiting: dict[str, str] = field(default_factory=dict)
    between: Callable[[], None] = lambda: None

    def get(self, customer_id: str) -> Cart:
        """See `Carts`."""
        return self.carts.get(customer_id, Cart(customer_id))

    def put(self, customer_id: str, product_id: str, quantity: int, now: str) -> Cart:
        """See `Carts`."""
        quantities = self.get(customer_id).quantities
        if product_id not in quantities and len(quantities) >= MAX_LINES:
            raise CartFullError.of("productId", "the cart is full")
        return self._changed(customer_id, {**quantities, product_id: quantity}, now)

    def remove(self, customer_id: str, product_ids: Sequence[str], now: str) -> Cart:
        """See `Carts`."""
        quantities = self.get(customer_id).quantities
        if not set(product_ids) <= quantities.keys():
            raise NotInCartError("not in it")
        return self._changed(customer_id, {name: n for name, n in quantities.items() if name not in product_ids}, now)

    def _changed(self, customer_id: str, quantities: Mapping[str, int], now: str) -> Cart:
        cart = self.get(customer_id)
        self.carts[customer_id] = replace(cart, quantities=quantities, version=cart.version + 1)
        self.waiting[customer_id] = clock.after(now, ABANDONED_AFTER_S)
        return self.carts[customer_id]

    def check_out(self, cart: Cart, checkout: Checkout) -> Cart | None:
        """See `Carts`."""
        self.between()
        stored = self.get(cart.customer_id)
        if stored.version != cart.version:
            return stored
        self.carts[cart.customer_id] = Cart(cart.customer_id, {}, cart.version + 1, checkout.order_id)
        self.waiting.pop(cart.customer_id, None)
        self.checkouts[checkout.order_id] = checkout
        return None

    def overdue(self, now: str, limit: int) -> list[Waiting]:
        """See `WaitingCarts`."""
        found = [Waiting(customer_id, at) for customer_id, at in self.waiting.items() if at <= now]
        return sorted(found, key=lambda each: each.remind_at)[:limit]

    def claim(self, waiting: Waiting, until: str) -> Cart | None:
        """See `WaitingCarts`."""
        if self.waiting.get(waiting.customer_id) != waiting.remind_at:
            return None
        self.waiting[waiting.customer_id] = until
        return self.get(waiting.customer_id)

    def done(self, customer_id: str, until: str) -> None:
        """See `WaitingCarts`."""
        if self.waiting.get(customer_id) == until:
            del self.waiting[customer_id]

    def due(self, now: str, limit: int) -> list[Checkout]:
        """See `Checkouts`."""
        waiting = [checkout for checkout in self.checkouts.values() if checkout.due_at <= now]
        return sorted(waiting, key=lambda checkout: checkout.due_at)[:limit]

    def postpone(self, record: Checkout, due_at: str) -> bool:
        """See `Checkouts`."""
        stored = self.checkouts.get(record.order_id)
        if stored is None or (stored.outbox, stored.due_at) != (IN_OUTBOX, record.due_at):
            return False
        update = {"due_at": due_at, "attempts": record.attempts + 1}
        self.checkouts[record.order_id] = stored.model_copy(update=update)
        return True

    def published(self, checkout: Checkout) -> None:
        """See `Checkouts`."""
        self.checkouts.pop(checkout.order_id, None)


@dataclass
class MemoryCustomers:
    """`Customers`: alice and bob, until they are gone."""

    addresses: dict[str, str] = field(default_factory=lambda: {"alice": "alice@example.com", "bob": "bob@example.com"})

    def emails(self, customer_ids: Sequence[str]) -> Mapping[str, str]:
        """See `Customers`."""
        return {name: self.addresses[name] for name in customer_ids if name in self.addresses}


@dataclass
class MemoryPrices:
    """`Prices`: product p1 costs 101 cents, p2 102, and so on up to p200."""

    prices: dict[str, int] = field(default_factory=lambda: {f"p{number}": 100 + number for number in range(1, 201)})

    def of(self, product_ids: Sequence[str]) -> Mapping[str, int]:
        """See `Prices`."""
        return {name: self.prices[name] for name in product_ids if name in self.prices}
