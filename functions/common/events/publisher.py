"""Publishing to the event bus."""

from collections.abc import Sequence
from itertools import batched
from typing import TYPE_CHECKING, Protocol

from common.events.order import EventType, OrderEvent

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

_PUT_EVENTS_ENTRIES = 10


class PublishError(Exception):
    """EventBridge or SNS took the call but not all of its entries; publish again."""


class BusEvent(Protocol):
    """What can go over the bus."""

    def with_trail(self) -> "BusEvent":
        """The same event with the trail of what is being handled."""

    def to_json(self) -> str:
        """`detail` as it goes over the wire."""


class Publisher[E: BusEvent = OrderEvent](Protocol):
    """What a service needs to tell the others."""

    def publish(self, kind: EventType, events: Sequence[E]) -> None:
        """Hand over all `events`, or raise: then some may be out, and all are to be published again."""


class EventPublisher:
    """A `Publisher` on EventBridge."""

    def __init__(self, client: "EventBridgeClient", bus: str, source: str) -> None:
        self._client = client
        self._bus = bus
        self._source = source

    def publish(self, kind: EventType, events: Sequence[BusEvent]) -> None:
        """See `Publisher`. Ten events a call; none, no call."""
        for batch in batched(events, _PUT_EVENTS_ENTRIES, strict=False):
            answer = self._client.put_events(Entries=[self._entry(kind, event) for event in batch])
            # PutEvents answers 200 even when it drops entries.
            if answer["FailedEntryCount"]:
                codes = sorted({entry["ErrorCode"] for entry in answer["Entries"] if "ErrorCode" in entry})
                raise PublishError(f"{answer['FailedEntryCount']} of {len(batch)} {kind} not taken: {codes}")

    def _entry(self, kind: EventType, event: BusEvent) -> "PutEventsRequestEntryTypeDef":
        return {
            "EventBusName": self._bus,
            "Source": self._source,
            "DetailType": kind.value,
            "Detail": event.with_trail().to_json(),
        }
