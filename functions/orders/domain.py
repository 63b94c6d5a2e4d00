"""The rules of orders, without AWS."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus

from common.errors import ApiError
from common.events import (
    Line,
    Metadata,
    OrderAnnouncement,
    OrderData,
    OrderEvent,
    Payment,
    Stage,
    Stages,
)
from common.events.announcement import timeline
from common.model import Model

# A name space of our own, so that nobody else's name-based ids can meet ours.
_ORDER_IDS = uuid.UUID("6f1d3c1e-5f0a-4c8e-9a53-0d9e2b7c4f10")


class Status(StrEnum):
    """PENDING becomes CONFIRMED or REJECTED, for good. CANCELLED is kept for cancellation on request."""

    PENDING = "PENDING"
    CONFIRMED = "CONFIRMED"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"


class UnknownProductError(ApiError):
    """An order for a product that the catalogue does not have."""

    status = HTTPStatus.NOT_FOUND
    code = "UNKNOWN_PRODUCT"


class IdempotencyKeyReusedError(ApiError):
    """The key stands for another order already."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "IDEMPOTENCY_KEY_REUSED"


class Order(Model):
    """An order as it is stored.

    `outbox` is `IN_OUTBOX` until an event of another service proves that OrderPlaced is out; until then
    `due_at` says when to publish it again, and `attempts` how often that has been done.
    """

    order_id: str
    customer_id: str
    customer_email: str
    items: tuple[Line, ...]
    total_cents: int
    payment: Payment
    status: Status = Status.PENDING
    reason: str | None = None
    placed_at: str
    stages: Stages
    correlation_id: str
    fingerprint: str
    outbox: str | None = None
    due_at: str | None = None
    attempts: int = 0

    def placed_event(self) -> OrderEvent:
        """What OrderPlaced says of this order."""
        data = OrderData(
            order_id=self.order_id,
            customer_id=self.customer_id,
            customer_email=self.customer_email,
            items=self.items,
            total_cents=self.total_cents,
            payment=self.payment,
        )
        stages = {Stage.ACCEPTED.value: self.placed_at}
        return OrderEvent(metadata=Metadata(correlation_id=self.correlation_id, stages=stages), data=data)

    def announcement(self, stage: Stage) -> OrderAnnouncement:
        """What the topic says when this order, as it is now, has reached `stage`."""
        return OrderAnnouncement(
            order_id=self.order_id,
            customer_id=self.customer_id,
            customer_email=self.customer_email,
            correlation_id=self.correlation_id,
            stage=stage.value,
            status=self.status.value,
            reason=self.reason,
            at=self.stages[stage.value],
            total_cents=self.total_cents,
            timeline=timeline(self.stages),
        )


def priced(quantities: Mapping[str, int], prices: Mapping[str, int]) -> tuple[Line, ...]:
    """The lines of an order, in its order. Raises UnknownProductError naming the products without a price."""
    unknown = [product_id for product_id in quantities if product_id not in prices]
    if unknown:
        raise UnknownProductError(f"There is no such product: {', '.join(unknown)}")
    return tuple(
        Line(product_id=product_id, quantity=quantity, price_cents=prices[product_id])
        for product_id, quantity in quantities.items()
    )


def order_id_for(customer_id: str, idempotency_key: str | None) -> str:
    """The id of a new order: always the same for one customer's key, random without a key."""
    if idempotency_key is None:
        return str(uuid.uuid4())
    return str(uuid.uuid5(_ORDER_IDS, json.dumps([customer_id, idempotency_key])))


def fingerprint(request: Model) -> str:
    """What tells two requests apart; white space, the order of fields and unknown fields do not matter."""
    canonical = json.dumps(request.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
