"""What API Gateway is told, without AWS."""

from typing import Any

from aws_lambda_powertools.utilities.data_classes.api_gateway_authorizer_event import APIGatewayAuthorizerResponse

from common.auth import Principal


class RefusedError(Exception):
    """No good token. API Gateway makes 401 of this very text, and 500 of any other."""

    def __init__(self) -> None:
        super().__init__("Unauthorized")


def may_call_all_routes(principal: Principal, method_arn: str) -> dict[str, Any]:
    """A policy that allows every route of the stage of `method_arn`, with `principal` in `$context.authorizer`."""
    context = {"userId": principal.user_id, "email": principal.email, "role": principal.role}
    response = APIGatewayAuthorizerResponse.from_route_arn(method_arn, principal.user_id, context)
    # Not only the route that was asked for: API Gateway keeps the policy for the token's next requests, to whatever
    # route, which else would be 403.
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/configure-api-gateway-lambda-authorization.html
    response.allow_all_routes()
    return response.asdict()
