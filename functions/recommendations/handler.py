"""Lambda entry of recommendations: API Gateway, and the stream of the table `orders`."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from common.log import logger
from common.order_stream import consume_orders
from recommendations.api import affinities, app
from recommendations.consumer import Counting

counting = Counting(affinities())


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Give `event` to the part that it is for; the two are told apart by their shape."""
    if "Records" in event:
        return consume_orders(event, counting.on_changes)
    return app.resolve(event, context)
