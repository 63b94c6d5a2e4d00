"""The envelope of everything that happens to an order, as it goes over the event bus."""

from enum import StrEnum

from pydantic import Field

from common.events.fields import Cents, CorrelationId, Id, Quantity
from common.events.stages import Stage, Stages
from common.model import Model
from common.trail import Trail, current


class EventType(StrEnum):
    """EventBridge detail-types."""

    CART_ABANDONED = "CartAbandoned"
    CART_CHECKED_OUT = "CartCheckedOut"
    ORDER_PLACED = "OrderPlaced"
    STOCK_RESERVED = "StockReserved"
    STOCK_REJECTED = "StockRejected"
    PAYMENT_CAPTURED = "PaymentCaptured"
    PAYMENT_DECLINED = "PaymentDeclined"
    ORDER_CANCELLED = "OrderCancelled"
    PAYMENT_REFUNDED = "PaymentRefunded"
    RESERVATION_EXPIRED = "ReservationExpired"
    ORDER_NOTIFIED = "OrderNotified"


class Reason(StrEnum):
    """Why an order was rejected."""

    OUT_OF_STOCK = "OUT_OF_STOCK"
    PAYMENT_DECLINED = "PAYMENT_DECLINED"
    UNKNOWN_PRODUCT = "UNKNOWN_PRODUCT"


class Line(Model):
    """One product of an order, at the price of the moment it was placed."""

    product_id: Id
    quantity: Quantity
    price_cents: Cents


class Payment(Model):
    """How the order is to be paid."""

    method: str
    token: str


class OrderData(Model):
    """The order itself; the same in all of its events but for `reason`.

    Only OrderNotified has neither `items` nor `payment`: its sender is told of the order by the topic,
    without them.
    """

    order_id: Id
    customer_id: Id
    customer_email: str
    items: tuple[Line, ...] = ()
    total_cents: Cents
    payment: Payment | None = None
    reason: str | None = None


class Metadata(Model):
    """Where the event belongs, and what the order has been through so far."""

    version: int = 1
    correlation_id: CorrelationId
    stages: Stages = Field(default_factory=dict)


class OrderEvent(Model):
    """`detail` of every event of the shop."""

    metadata: Metadata
    data: OrderData
    trail: Trail | None = None

    def reached(self, stage: Stage, at: str) -> "OrderEvent":
        """The same order one stage further."""
        stages = {**self.metadata.stages, stage.value: at}
        return self.model_copy(update={"metadata": self.metadata.model_copy(update={"stages": stages})})

    def because(self, reason: Reason) -> "OrderEvent":
        """The same order with the reason for its rejection."""
        return self.model_copy(update={"data": self.data.model_copy(update={"reason": reason.value})})

    def with_trail(self) -> "OrderEvent":
        """The same event with the trail of what is being handled, as it is published."""
        return self.model_copy(update={"trail": current()})

    def without_trail(self) -> "OrderEvent":
        """The same event as the services know it: its trail is for the way alone."""
        return self if self.trail is None else self.model_copy(update={"trail": None})

    def to_json(self) -> str:
        """`detail` as it goes over the wire; what is not known is left out."""
        return self.model_dump_json(by_alias=True, exclude_none=True)
