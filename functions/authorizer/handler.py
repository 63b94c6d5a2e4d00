"""Lambda entry of the authorizer: a TOKEN authorizer of API Gateway.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
"""

from typing import Any

from aws_lambda_powertools.utilities.data_classes.api_gateway_authorizer_event import APIGatewayAuthorizerTokenEvent
from aws_lambda_powertools.utilities.typing import LambdaContext

from authorizer.domain import RefusedError, may_call_all_routes
from common import auth
from common.errors import UnauthorizedError
from common.log import logger


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """The policy for a good token; which routes its role may use is for the services to say.

    Raises RefusedError (401) for any other token. What else is raised is 500 at API Gateway, and is not kept.
    """
    request = APIGatewayAuthorizerTokenEvent(event)
    try:
        principal = auth.authenticate(request.authorization_token)
    except UnauthorizedError as error:
        logger.info("token refused", reason=error.message)
        raise RefusedError from error
    return may_call_all_routes(principal, request.method_arn)
