"""What notifications does when an order is announced as decided, and when a cart is left.

The mail goes first, once; then OrderNotified is published. When publishing fails the record comes again: no
mail, and OrderNotified is published with the time of the mail. About a cart nothing is published.
"""

from dataclasses import dataclass

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from common.consumer import Envelope, log_keys
from common.events import (
    CartEvent,
    EventType,
    Metadata,
    OrderAnnouncement,
    OrderData,
    OrderEvent,
    Publisher,
    Stage,
)
from common.log import logger
from common.trail import follow
from notifications.domain import mail_about, reminder_of
from notifications.mailer import Mailer
from notifications.once import Once


class CartEnvelope(Envelope[CartEvent]):
    """An event of a cart."""


@dataclass(frozen=True, slots=True)
class Notifications:
    """Mails, and the news that they are out."""

    once: Once
    mailer: Mailer
    publisher: Publisher

    def on_record(self, record: SQSRecord) -> None:
        """Handle an announcement of the topic (they come raw), or an event of the bus.

        Raises pydantic's ValidationError for anything else.
        """
        # A name of JSON: within a text its quotes would be escaped.
        if '"detail-type"' in record.body:
            self._cart_left(CartEnvelope.model_validate_json(record.body))
        else:
            self._announced(OrderAnnouncement.model_validate_json(record.body))

    def _cart_left(self, envelope: CartEnvelope) -> None:
        event = envelope.detail
        logger.append_keys(
            correlation_id=event.metadata.correlation_id,
            customer_id=event.data.customer_id,
            event_type=envelope.detail_type,
        )
        envelope.tell_replay()
        follow(event.trail)
        mail = reminder_of(event)
        self.once.send(self.mailer, mail)
        logger.info("mail is out", status=mail.status)

    def _announced(self, announcement: OrderAnnouncement) -> None:
        follow(announcement.trail)
        log_keys(announcement.correlation_id, announcement.order_id, announcement.stage)
        mail = mail_about(announcement)
        if mail is None:
            logger.warning("no mail for this stage")
            return
        at = self.once.send(self.mailer, mail)
        logger.info("mail is out", status=mail.status)
        self.publisher.publish(EventType.ORDER_NOTIFIED, [_notified(announcement, at)])


def _notified(announcement: OrderAnnouncement, at: str) -> OrderEvent:
    """OrderNotified, with what the announcement tells of the order: it has no lines and no payment."""
    stages = {entry.stage: entry.at for entry in announcement.timeline}
    return OrderEvent(
        metadata=Metadata(correlation_id=announcement.correlation_id, stages=stages),
        data=OrderData(
            order_id=announcement.order_id,
            customer_id=announcement.customer_id,
            customer_email=announcement.customer_email,
            total_cents=announcement.total_cents,
            reason=announcement.reason,
        ),
    ).reached(Stage.NOTIFIED, at)
