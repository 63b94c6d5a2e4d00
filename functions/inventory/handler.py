"""Lambda entry of inventory: its SQS queue, the order saga, and the minute schedule."""

import os
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from common import aws
from common.consumer import consume, on_bus_events
from common.events import EventPublisher
from common.log import logger
from common.outbox import sweep
from common.saga import is_step, take
from inventory.consumer import InventoryReactions
from inventory.reserving import Reserving
from inventory.saga import InventorySteps
from inventory.store import DynamoReservations

store = DynamoReservations(aws.dynamodb(), os.environ["RESERVATIONS_TABLE"], os.environ["STOCK_TABLE"])
publisher = EventPublisher(aws.events(), os.environ["EVENT_BUS_NAME"], "shop.inventory")
reserving = Reserving(store, float(os.environ["RESERVATION_TTL_S"]))
reactions = InventoryReactions(reserving, publisher)
on_record = on_bus_events(reactions.by_type())
steps = InventorySteps(reserving).by_name()


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Give `event` to the part that it is for; the three are told apart by their shape."""
    if "Records" in event:
        return consume(event, context, on_record)
    if is_step(event):
        return take(event, context, steps)
    return sweep(store, reactions.not_paid_in_time, context.get_remaining_time_in_millis)
