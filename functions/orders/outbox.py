"""Telling others about orders: the topic `order-events` for the outside, the bus for the services."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import batched
from typing import TYPE_CHECKING, Protocol

from common.events import EventType, OrderAnnouncement, Publisher, PublishError, Stage
from common.log import logger
from orders.domain import Order, Status
from orders.store import Orders

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
                        "Message": announcement.with_trail().to_json(),
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

    orders: Orders
    announcer: Announcer
    publisher: Publisher

    def tell(self, orders: Sequence[Order]) -> None:
        """Announce and publish what the status of each of `orders` calls for; raises what either way raises.

        The topic first: what comes back from the bus takes an order out of the outbox, and an announcement that had
        failed before would never be made. What nobody answers is taken out here.
        """
        self.announcer.announce([order.announcement(stage) for order in orders for stage in order.untold()])
        placed = [order.placed_event() for order in orders if order.status is Status.PENDING]
        self.publisher.publish(EventType.ORDER_PLACED, placed)
        cancelled = [order.cancelled_event() for order in orders if order.status is Status.CANCELLED]
        self.publisher.publish(EventType.ORDER_CANCELLED, cancelled)
        for order in orders:
            if order.status is not Status.PENDING:
                self.orders.told(order)

    def tell_now(self, order: Order) -> None:
        """`tell`, where the order stands whatever comes of it: what fails is left to the sweep."""
        try:
            self.tell([order])
        except Exception:  # not knowing what failed is no reason to refuse what is stored
            logger.exception("could not publish; the sweep will", order_id=order.order_id)

    def give_back(self, order: Order) -> None:
        """Publish of a rejected order what is published of a cancelled one: money and stock go back. The topic is told
        nothing, for the order stays what it is.
        """
        self.publisher.publish(EventType.ORDER_CANCELLED, [order.called_off_event()])

    def reached(self, order: Order, *stages: Stage) -> None:
        """Announce that `order` has reached `stages`."""
        self.announcer.announce([order.announcement(stage) for stage in stages])
