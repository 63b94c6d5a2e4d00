"""Lambda entry of orders: API Gateway, its SQS queue, and the minute schedule."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from common.consumer import consume, on_bus_events
from common.log import logger
from common.outbox import sweep
from orders.api import app, intake
from orders.consumer import OrderReactions

on_record = on_bus_events(OrderReactions(intake().orders, intake().outbox).by_type())


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Give `event` to the part that it is for; the three are told apart by their shape."""
    if "Records" in event:
        return consume(event, context, on_record)
    if event.get("source") == "aws.events":
        return sweep(intake().orders, intake().outbox.placed, context.get_remaining_time_in_millis)
    return app.resolve(event, context)
