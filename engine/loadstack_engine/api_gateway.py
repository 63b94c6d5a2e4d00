"""REST APIs: bodies as they were sent, the size limit, and gateway responses as they were declared.

Stock LocalStack 4.14.0 re-encodes form bodies (``{`` arrives as ``%7B=``; above 500 kB they end in a 500), has no size
limit, and stores gateway responses without using them.
"""

import json
import re
import zlib
from http import HTTPStatus

from localstack.http import Request, Response
from localstack.services.apigateway.next_gen.execute_api.api import RestApiGatewayHandlerChain
from localstack.services.apigateway.next_gen.execute_api.context import RestApiInvocationContext
from localstack.services.apigateway.next_gen.execute_api.gateway_response import (
    BadRequestBodyError,
    BaseGatewayException,
    InternalServerError,
    RequestTooLargeError,
    get_gateway_response_or_default,
)
from localstack.services.apigateway.next_gen.execute_api.handlers import parse
from localstack.services.apigateway.next_gen.execute_api.handlers.gateway_exception import GatewayExceptionHandler

# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
_MAX_PAYLOAD_BYTES = 10 * 1024 * 1024
_DEFAULT_TEMPLATE = '{"message":$context.error.messageString}'
_VARIABLE = re.compile(r"\$context((?:\.\w+)+)")


def body_of(request: Request) -> bytes:
    """The body as it was sent, whatever its content type.

    Raises:
        BadRequestBodyError: it is not compressed as its header says.
        RequestTooLargeError: over 10 MB, as on AWS.
    """
    try:
        body = request.get_data(cache=True, parse_form_data=False)
    except (OSError, EOFError, zlib.error) as error:
        raise BadRequestBodyError(f"The body is not what Content-Encoding says: {error}") from error
    if len(body) > _MAX_PAYLOAD_BYTES:
        raise RequestTooLargeError("Request Too Long", status_code=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return body


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
    parse.restore_payload = body_of
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
