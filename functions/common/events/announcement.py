"""The envelope of the topic `order-events`: how far an order has come, for whoever subscribes."""

from common.events.fields import Cents, CorrelationId, Id, Time
from common.events.stages import Stages, in_order
from common.model import Model
from common.trail import Trail, current

_NO_TRAIL = {"trail"}


class TimelineEntry(Model):
    """One stage and when it was reached."""

    stage: str
    at: Time


class OrderAnnouncement(Model):
    """One stage of one order. Delivered at least once: drop repeats by (order_id, stage)."""

    version: int = 1
    order_id: Id
    customer_id: Id
    customer_email: str
    correlation_id: CorrelationId
    stage: str
    status: str
    reason: str | None
    at: Time
    total_cents: Cents
    timeline: tuple[TimelineEntry, ...]
    trail: Trail | None = None

    def attributes(self) -> dict[str, str]:
        """What subscribers can filter by."""
        return {"correlationId": self.correlation_id, "stage": self.stage, "status": self.status}

    def with_trail(self) -> "OrderAnnouncement":
        """The same announcement with the trail of what is being handled, as it is published."""
        return self.model_copy(update={"trail": current()})

    def to_json(self) -> str:
        """The message as it goes over the wire; without a trail where there is none."""
        return self.model_dump_json(by_alias=True, exclude=_NO_TRAIL if self.trail is None else None)


def timeline(stages: Stages) -> tuple[TimelineEntry, ...]:
    """`stages` as a list, earliest first."""
    return tuple(TimelineEntry(stage=stage, at=at) for stage, at in in_order(stages))
