"""Lambda entry of apidocs: API Gateway."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from apidocs.api import app
from common.log import logger


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return app.resolve(event, context)
