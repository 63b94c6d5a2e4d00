"""Telling others about orders: the topic `order-events` for the outside, the bus for the services."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import batched
from typing import TYPE_CHECKING, Protocol

from common.events import EventType, OrderAnnouncement, Publisher, PublishError, Stage
from orders.domain import Order

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

_PUBLISH_BATCH_ENTRIES = 10


class Announcer(Protocol):
    """What orders needs of the topic."""

    def announce(self, announcements: Sequence[OrderAnnouncement]) -> None:
        """Hand over all of them, or raise: then some may be out."""


class SnsAnnouncer:
    """An `Announcer` on SNS."""

    def __init__(self, client: "SNSClient", topic_arn: str) -> None:
        self._client = client
        self._topic_arn = topic_arn

    def announce(self, announcements: Sequence[OrderAnnouncement]) -> None:
        """See `Announcer`. Ten messages a call. Raises PublishError when SNS did not take all."""
        for batch in batched(announcements, _PUBLISH_BATCH_ENTRIES, strict=False):
            answer = self._client.publish_batch(
                TopicArn=self._topic_arn,
                PublishBatchRequestEntries=[
                    {
                        "Id": str(index),
                        "Message": announcement.to_json(),
                        "MessageAttributes": {
                            name: {"DataType": "String", "StringValue": value}
                            for name, value in announcement.attributes().items()
                        },
                    }
                    for index, announcement in enumerate(batch)
                ],
            )
            if failed := answer.get("Failed"):
                raise PublishError(f"{len(failed)} of {len(batch)} announcements not taken: {failed[0]['Code']}")


@dataclass(frozen=True, slots=True)
class Outbox:
    """Both ways out of orders."""

    announcer: Announcer
    publisher: Publisher

    def placed(self, orders: Sequence[Order]) -> None:
        """Announce and publish that `orders` are accepted; raises what either way raises.

        The topic first: what comes back from the bus ends the sweep's interest in an order, and an announcement
        that had failed before would never be made.
        """
        self.announcer.announce([order.announcement(Stage.ACCEPTED) for order in orders])
        self.publisher.publish(EventType.ORDER_PLACED, [order.placed_event() for order in orders])

    def reached(self, order: Order, *stages: Stage) -> None:
        """Announce that `order` has reached `stages`."""
        self.announcer.announce([order.announcement(stage) for stage in stages])
