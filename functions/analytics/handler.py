"""Lambda entry of analytics: API Gateway and the stream of the orders."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from analytics.api import app, figures
from analytics.consumer import Counting
from common.log import logger
from common.order_stream import consume_orders

count = Counting(figures())


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Give `event` to the part that it is for; the two are told apart by their shape."""
    if "Records" in event:
        return consume_orders(event, count)
    return app.resolve(event, context)
