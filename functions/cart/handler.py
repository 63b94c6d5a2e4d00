"""Lambda entry of the cart: API Gateway, and the minute schedule."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from cart.api import app, shopping
from common.log import logger
from common.outbox import sweep


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Give `event` to the part that it is for; the two are told apart by their shape."""
    if event.get("source") == "aws.events":
        return sweep(shopping().checkouts, shopping().publish, context.get_remaining_time_in_millis)
    return app.resolve(event, context)
