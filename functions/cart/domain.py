"""The rules of carts, without AWS."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus

from common.errors import ApiError, InvalidRequestError, NotFoundError
from common.events import CartData, CartEvent, CartMetadata, Line, Metadata, OrderData, OrderEvent, Payment, Stage
from common.model import Model
from common.purchase import total

LIFETIME = timedelta(days=30)
_REMINDERS = uuid.UUID("5f0f5f4e-2f0c-4b6e-9a57-8a9a1c0e6d11")


@dataclass(frozen=True, slots=True)
class Cart:
    """What a customer has put into it. `version` grows with each change; 0 is a cart that was never touched."""

    customer_id: str
    quantities: Mapping[str, int] = field(default_factory=dict)
    version: int = 0
    last_order_id: str | None = None


class Checkout(Model):
    """What became of a cart, as it is stored until it is published: an order whose id and prices are fixed."""

    order_id: str
    customer_id: str
    customer_email: str
    items: tuple[Line, ...]
    total_cents: int
    payment: Payment
    checked_out_at: str
    correlation_id: str
    outbox: str
    due_at: str
    attempts: int = 0

    def event(self) -> OrderEvent:
        """What CartCheckedOut says of it; the same each time."""
        data = OrderData(
            order_id=self.order_id,
            customer_id=self.customer_id,
            customer_email=self.customer_email,
            items=self.items,
            total_cents=self.total_cents,
            payment=self.payment,
        )
        stages = {Stage.ACCEPTED.value: self.checked_out_at}
        return OrderEvent(metadata=Metadata(correlation_id=self.correlation_id, stages=stages), data=data)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A cart whose customer is to be reminded at `remind_at`, unless it changes before."""

    customer_id: str
    remind_at: str


def abandoned(cart: Cart, email: str, lines: tuple[Line, ...]) -> CartEvent:
    """What CartAbandoned says of it; the same each time, as long as prices stay."""
    return CartEvent(
        metadata=CartMetadata(correlation_id=str(uuid.uuid5(_REMINDERS, f"{cart.customer_id}/{cart.version}"))),
        data=CartData(
            customer_id=cart.customer_id,
            customer_email=email,
            cart_version=cart.version,
            items=lines,
            total_cents=total(lines),
        ),
    )


class CartFullError(InvalidRequestError):
    """One more product than a cart, and an order, can have."""


class NotInCartError(NotFoundError):
    """The product is not in the cart."""


class EmptyCartError(ApiError):
    """There is nothing to check out, maybe because another checkout came first."""

    status = HTTPStatus.CONFLICT
    code = "EMPTY_CART"

    @classmethod
    def after(cls, order_id: str | None) -> "EmptyCartError":
        """`order_id` is what the last checkout became; None if there was none."""
        if order_id is None:
            return cls("The cart is empty.")
        return cls(f"The cart is empty. Its last checkout became the order {order_id}.")


class CartChangingError(ApiError):
    """The cart was changed again and again while it was being checked out; nothing was bought."""

    status = HTTPStatus.CONFLICT
    code = "CART_CHANGING"


def priced(quantities: Mapping[str, int], prices: Mapping[str, int]) -> tuple[Line, ...]:
    """The lines of a cart, by product id. A product without a price has left the catalogue, and is no line."""
    return tuple(
        Line(product_id=product_id, quantity=quantity, price_cents=prices[product_id])
        for product_id, quantity in sorted(quantities.items())
        if product_id in prices
    )


def expires_at(now: str) -> int:
    """When a cart goes that is not changed after `now`, in seconds since 1970, as DynamoDB's time to live wants it."""
    return int((datetime.fromisoformat(now) + LIFETIME).timestamp())
