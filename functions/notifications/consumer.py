"""What notifications does when an order is announced as decided.

The mail goes first, once; then OrderNotified is published. When publishing fails the record comes again: no
mail, and OrderNotified is published with the time of the mail.
"""

from dataclasses import dataclass

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from common.consumer import log_keys
from common.events import (
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
from notifications.domain import mail_about
from notifications.mailer import Mailer
from notifications.once import Once


@dataclass(frozen=True, slots=True)
class Notifications:
    """Mails, and the news that they are out."""

    once: Once
    mailer: Mailer
    publisher: Publisher

    def on_record(self, record: SQSRecord) -> None:
        """Handle one announcement (they come raw). Raises pydantic's ValidationError for anything else."""
        announcement = OrderAnnouncement.model_validate_json(record.body)
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
