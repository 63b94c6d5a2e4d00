"""Lambda entry of orders: API Gateway, its two SQS queues, and the minute schedule."""

import os
from typing import Any

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from common.consumer import consume, on_bus_events
from common.events import EventType
from common.log import logger
from common.outbox import sweep
from orders.api import app, intake
from orders.consumer import OrderReactions
from orders.queued import on_queued_orders

on_event = on_bus_events(
    {
        **OrderReactions(intake().orders, intake().outbox).by_type(),
        EventType.CART_CHECKED_OUT: intake().checked_out,
    }
)
on_queued_order = on_queued_orders(intake().queued)


def on_record(record: SQSRecord) -> None:
    """Events of the bus and the orders of `order-intake` come in the same shape: the queue tells them apart."""
    if record.event_source_arn == os.environ["ORDER_INTAKE_QUEUE_ARN"]:
        on_queued_order(record)
    else:
        on_event(record)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Give `event` to the part that it is for; the three are told apart by their shape."""
    if "Records" in event:
        return consume(event, context, on_record)
    if event.get("source") == "aws.events":
        return sweep(intake().orders, intake().outbox.tell, context.get_remaining_time_in_millis)
    return app.resolve(event, context)
