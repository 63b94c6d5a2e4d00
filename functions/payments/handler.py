"""Lambda entry of payments: API Gateway and its SQS queue."""

import os
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from common import aws
from common.consumer import consume, on_bus_events
from common.events import EventPublisher
from common.log import logger
from payments.api import app, books
from payments.consumer import PaymentReactions
from payments.provider import SimulatedProvider

publisher = EventPublisher(aws.events(), os.environ["EVENT_BUS_NAME"], "shop.payments")
on_record = on_bus_events(PaymentReactions(SimulatedProvider(books().ledger), publisher).by_type())


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Give `event` to the part that it is for; the two are told apart by their shape."""
    if "Records" in event:
        return consume(event, context, on_record)
    return app.resolve(event, context)
