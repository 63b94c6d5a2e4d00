"""Lambda entry of orders: API Gateway, its two SQS queues, the order saga, and the minute schedule."""

import os
from typing import Any

from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from common.consumer import consume, on_bus_events
from common.events import EventType
from common.log import logger
from common.metrics import writes_metrics
from common.outbox import sweep
from common.saga import is_step, take
from orders.api import app, intake
from orders.consumer import OrderReactions
from orders.queued import on_queued_orders
from orders.saga import OrderSteps

reactions = OrderReactions(intake().orders, intake().outbox)
on_event = on_bus_events({**reactions.by_type(), EventType.CART_CHECKED_OUT: intake().checked_out})
steps = OrderSteps(reactions).by_name()
on_queued_order = on_queued_orders(intake().queued)


def on_record(record: SQSRecord) -> None:
    """Events of the bus and the orders of `order-intake` come in the same shape: the queue tells them apart."""
    if record.event_source_arn == os.environ["ORDER_INTAKE_QUEUE_ARN"]:
        on_queued_order(record)
    else:
        on_event(record)


@logger.inject_lambda_context(clear_state=True)
@writes_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Give `event` to the part that it is for; the four are told apart by their shape."""
    if "Records" in event:
        return consume(event, context, on_record)
    if is_step(event):
        return take(event, context, steps)
    if event.get("source") == "aws.events":
        return sweep(intake().orders, intake().outbox.tell, context.get_remaining_time_in_millis)
    return app.resolve(event, context)
