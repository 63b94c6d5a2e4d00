"""Lambda entry of payments: API Gateway, its SQS queue, and the order saga."""

import os
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from common import aws
from common.consumer import consume, on_bus_events
from common.events import EventPublisher
from common.log import logger
from common.saga import is_step, take
from payments.api import app, books
from payments.charging import Charging
from payments.consumer import PaymentReactions
from payments.saga import PaymentSteps
from payments.wiring import chosen

publisher = EventPublisher(aws.events(), os.environ["EVENT_BUS_NAME"], "shop.payments")
charging = Charging(chosen(books().ledger))
on_record = on_bus_events(PaymentReactions(charging, publisher).by_type())
steps = PaymentSteps(charging).by_name()


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Give `event` to the part that it is for; the three are told apart by their shape."""
    if "Records" in event:
        return consume(event, context, on_record)
    if is_step(event):
        return take(event, context, steps)
    return app.resolve(event, context)
