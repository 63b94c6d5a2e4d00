"""Lambda entry of inventory: its SQS queue."""

import os
from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from common import aws
from common.consumer import consume, on_bus_events
from common.events import EventPublisher
from common.log import logger
from inventory.consumer import InventoryReactions
from inventory.reserving import Reserving
from inventory.store import DynamoReservations

store = DynamoReservations(aws.dynamodb(), os.environ["RESERVATIONS_TABLE"], os.environ["STOCK_TABLE"])
publisher = EventPublisher(aws.events(), os.environ["EVENT_BUS_NAME"], "shop.inventory")
on_record = on_bus_events(InventoryReactions(Reserving(store), publisher).by_type())


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Work through one batch."""
    return consume(event, context, on_record)
