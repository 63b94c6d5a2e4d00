"""Reading the queue `order-intake`, into which API Gateway puts what `POST /async/orders` brings."""

from collections.abc import Callable

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from common import clock
from common.consumer import log_keys
from orders.models import QueuedOrder


def on_queued_orders(take: Callable[[QueuedOrder], None]) -> Callable[[SQSRecord], None]:
    """A record handler that gives each message to `take`; the order counts as accepted when SQS took the message.

    Raises pydantic's ValidationError for a message that lacks an attribute or whose body is no order: it says which
    part is wrong, and the record ends in the dead-letter queue.
    """

    def handle(record: SQSRecord) -> None:
        attributes = {name: each.string_value for name, each in record.message_attributes.items()}
        log_keys(attributes.get("correlationId") or "", attributes.get("orderId") or "", "order-intake")
        sent_at = clock.from_epoch_ms(int(record.attributes.sent_timestamp))
        take(QueuedOrder.model_validate({**attributes, "sent_at": sent_at, "request": record.body}))

    return handle
