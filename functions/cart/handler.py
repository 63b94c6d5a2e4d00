"""Lambda entry of the cart: API Gateway, and the minute schedule of its two sweeps."""

import os
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from cart.api import app, shopping
from cart.reminding import Reminding
from cart.waiting import DynamoCustomers, DynamoWaitingCarts
from common import aws, clock
from common.events import EventPublisher
from common.log import logger
from common.outbox import sweep
from common.purchase import DynamoPrices


@cache
def reminding() -> Reminding:
    """The sweep of carts that are left, made once in an environment."""
    dynamodb = aws.dynamodb()
    return Reminding(
        waiting=DynamoWaitingCarts(dynamodb, os.environ["CARTS_TABLE"]),
        customers=DynamoCustomers(dynamodb, os.environ["USERS_TABLE"]),
        prices=DynamoPrices(dynamodb, os.environ["PRODUCTS_TABLE"]),
        publisher=EventPublisher(aws.events(), os.environ["EVENT_BUS_NAME"], "shop.cart"),
    )


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Give `event` to the part that it is for; the two are told apart by their shape."""
    if event.get("source") == "aws.events":
        remaining_ms = context.get_remaining_time_in_millis
        swept = sweep(shopping().checkouts, shopping().publish, remaining_ms)
        return {**swept, "abandoned": reminding().sweep(clock.now(), remaining_ms)}
    return app.resolve(event, context)
