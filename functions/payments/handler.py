"""Lambda entry of payments: its SQS queue."""

import os
from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from common import aws
from common.consumer import consume, on_bus_events
from common.events import EventPublisher
from common.log import logger
from payments.consumer import PaymentReactions
from payments.provider import SimulatedProvider
from payments.store import DynamoLedger

provider = SimulatedProvider(DynamoLedger(aws.dynamodb(), os.environ["PAYMENTS_TABLE"]))
publisher = EventPublisher(aws.events(), os.environ["EVENT_BUS_NAME"], "shop.payments")
on_record = on_bus_events(PaymentReactions(provider, publisher).by_type())


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Work through one batch."""
    return consume(event, context, on_record)
