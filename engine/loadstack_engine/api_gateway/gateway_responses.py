"""Gateway responses as they were declared, which stock LocalStack 4.14.0 stores without using them."""

import json
import re

from localstack.http import Response
from localstack.services.apigateway.next_gen.execute_api.api import RestApiGatewayHandlerChain
from localstack.services.apigateway.next_gen.execute_api.context import RestApiInvocationContext
from localstack.services.apigateway.next_gen.execute_api.gateway_response import (
    BaseGatewayException,
    InternalServerError,
    get_gateway_response_or_default,
)
from localstack.services.apigateway.next_gen.execute_api.handlers import parse
from localstack.services.apigateway.next_gen.execute_api.handlers.gateway_exception import GatewayExceptionHandler

# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
_MAX_PAYLOAD_BYTES = 10 * 1024 * 1024
_DEFAULT_TEMPLATE = '{"message":$context.error.messageString}'
_VARIABLE = re.compile(r"\$context((?:\.\w+)+)")


def render(template: str, context: RestApiInvocationContext) -> str:
    """A gateway response's template: AWS replaces ``$context`` variables in it, and knows no logic there.

    A variable without a value stays empty. https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html
    """

    def value(match: re.Match[str]) -> str:
        found: object = context.context_variables
        for name in match[1].split(".")[1:]:
            found = found.get(name) if isinstance(found, dict) else None
        return "" if found is None else str(found)

    return _VARIABLE.sub(value, template)


def use() -> None:
    """Change LocalStack's REST APIs, those that exist already too."""
    original_call = GatewayExceptionHandler.__call__
    original_response = GatewayExceptionHandler.create_exception_response

    def handle(
        handler: GatewayExceptionHandler,
        chain: RestApiGatewayHandlerChain,
        exception: Exception,
        context: RestApiInvocationContext,
        response: Response,
    ) -> None:
        if not isinstance(exception, BaseGatewayException):
            parse.LOG.warning("API Gateway failed: %s", exception, exc_info=exception)
            exception = InternalServerError("Internal server error")
        if getattr(context, "context_variables", None) is None:
            context.context_variables = {}
        original_call(handler, chain, exception, context, response)

    def create_response(
        handler: GatewayExceptionHandler, exception: BaseGatewayException, context: RestApiInvocationContext
    ) -> Response:
        response: Response = original_response(handler, exception, context)
        declared = get_gateway_response_or_default(exception.type, context.deployment.rest_api.gateway_responses)
        template = (declared.get("responseTemplates") or {}).get("application/json")
        if template and template != _DEFAULT_TEMPLATE:
            context.context_variables["error"]["messageString"] = json.dumps(exception.message)
            response.set_data(render(template, context))
        return response

    GatewayExceptionHandler.__call__ = handle
    GatewayExceptionHandler.create_exception_response = create_response
