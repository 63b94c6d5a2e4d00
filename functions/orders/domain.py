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
    Reason,
    Stage,
    Stages,
)
from common.events.announcement import timeline
from common.model import Model
from common.outbox import IN_OUTBOX, next_sweep

# A name space of our own, so that nobody else's name-based ids can meet ours.
_ORDER_IDS = uuid.UUID("6f1d3c1e-5f0a-4c8e-9a53-0d9e2b7c4f10")


class Status(StrEnum):
    """Where an order stands.

        (none) ──► PENDING ──► CONFIRMED ──► CANCELLED
          │           │                          ▲
          │           ├───── on request ─────────┘
          │           └──► REJECTED   out of stock, or the payment was declined
          └──► REJECTED   from the intake queue, with an unknown product

    PENDING waits for stock and payment. CONFIRMED is left only by a cancellation. REJECTED and CANCELLED are never
    left: of what other services report later, a cancelled order notes the times, and nothing else.
    """

    PENDING = "PENDING"
    CONFIRMED = "CONFIRMED"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"


# The stages that prove that OrderPlaced was published, and those that orders itself decides upon.
_ANSWERS = {Stage.STOCK_RESERVED.value, Stage.PAYMENT_CAPTURED.value, Stage.CONFIRMED.value}
_DECIDED_HERE = {Status.REJECTED: Stage.REJECTED, Status.CANCELLED: Stage.CANCELLED}


class UnknownProductError(ApiError):
    """An order for a product that the catalogue does not have."""

    status = HTTPStatus.NOT_FOUND
    code = "UNKNOWN_PRODUCT"


class IdempotencyKeyReusedError(ApiError):
    """The key stands for another order already."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "IDEMPOTENCY_KEY_REUSED"


class NotCancellableError(ApiError):
    """The order was rejected, or cancelled before."""

    status = HTTPStatus.CONFLICT
    code = "ORDER_NOT_CANCELLABLE"


class OrderIdTakenError(Exception):
    """Another order has the id that this one comes with; it goes to the dead-letter queue for a person to look at.

    A client can choose the id of a queued order on AWS: it is API Gateway's `$context.requestId`.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
    """


class Cancellation(Model):
    """One request to cancel; `id` tells it from all others, also from its own repetition by the client."""

    id: str
    correlation_id: str
    at: str


class Order(Model):
    """An order as it is stored.

    `outbox` is `IN_OUTBOX` as long as others may not have been told what its status calls for: until then
    `due_at` says when to tell them again, and `attempts` how often that has been done. What ends it depends:

    | status | is told | until |
    |---|---|---|
    | PENDING | stage `accepted`, OrderPlaced | an event of another service proves that OrderPlaced is out |
    | REJECTED (by intake) | stages `accepted`, `rejected` | they are told: nobody answers |
    | CANCELLED | stage `cancelled`, OrderCancelled | they are told: nobody answers |
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
    fingerprint: str | None = None
    cancellation: Cancellation | None = None
    outbox: str | None = None
    due_at: str | None = None
    attempts: int = 0

    @classmethod
    def accepted(
        cls, data: OrderData, correlation_id: str, *, at: str, now: str, fingerprint: str | None = None
    ) -> "Order":
        """A new order that was accepted `at`, in the outbox since `now`. Raises ValueError without lines or payment."""
        if data.payment is None or not data.items:
            raise ValueError("an order needs lines and a payment")
        return cls(
            order_id=data.order_id,
            customer_id=data.customer_id,
            customer_email=data.customer_email,
            items=data.items,
            total_cents=data.total_cents,
            payment=data.payment,
            placed_at=at,
            stages={Stage.ACCEPTED.value: at},
            correlation_id=correlation_id,
            fingerprint=fingerprint,
            outbox=IN_OUTBOX,
            due_at=next_sweep(now, 0),
        )

    def rejected(self, reason: Reason, at: str) -> "Order":
        """The same order, rejected before anybody was asked for anything."""
        stages = {**self.stages, Stage.REJECTED.value: at}
        return self.model_copy(update={"status": Status.REJECTED, "reason": reason.value, "stages": stages})

    def untold(self) -> tuple[Stage, ...]:
        """The stages to announce while it is in the outbox.

        `accepted` is among them until another service's stage proves that it has been announced: OrderPlaced,
        to which that stage answers, is published after it.
        """
        first = () if _ANSWERS & self.stages.keys() else (Stage.ACCEPTED,)
        last = _DECIDED_HERE.get(self.status)
        return first if last is None else (*first, last)

    def placed_event(self) -> OrderEvent:
        """What OrderPlaced says of this order."""
        return self._event(self.correlation_id, {Stage.ACCEPTED.value: self.placed_at})

    def cancelled_event(self) -> OrderEvent:
        """What OrderCancelled says of this order."""
        return self._event(self._correlation_id_of(Stage.CANCELLED), self.stages)

    def called_off_event(self) -> OrderEvent:
        """What OrderCancelled says of this order where it is rejected: it was called off then."""
        at = self.stages[Stage.REJECTED.value]
        return self._event(self.correlation_id, {**self.stages, Stage.CANCELLED.value: at})

    def announcement(self, stage: Stage) -> OrderAnnouncement:
        """What the topic says when this order, as it is now, has reached `stage`."""
        return OrderAnnouncement(
            order_id=self.order_id,
            customer_id=self.customer_id,
            customer_email=self.customer_email,
            correlation_id=self._correlation_id_of(stage),
            stage=stage.value,
            status=self.status.value,
            reason=self.reason,
            at=self.stages[stage.value],
            total_cents=self.total_cents,
            timeline=timeline(self.stages),
        )

    def _event(self, correlation_id: str, stages: Stages) -> OrderEvent:
        data = OrderData(
            order_id=self.order_id,
            customer_id=self.customer_id,
            customer_email=self.customer_email,
            items=self.items,
            total_cents=self.total_cents,
            payment=self.payment,
        )
        return OrderEvent(metadata=Metadata(correlation_id=correlation_id, stages=stages), data=data)

    def _correlation_id_of(self, stage: Stage) -> str:
        """What a cancellation causes belongs to the request that asked for it, all else to the first one."""
        if stage is Stage.CANCELLED and self.cancellation is not None:
            return self.cancellation.correlation_id
        return self.correlation_id


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
