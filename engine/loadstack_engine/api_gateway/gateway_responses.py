"""Gateway responses as they were declared, which stock LocalStack 4.14.0 stores without using them.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from localstack.aws.api.apigateway import GatewayResponse
from localstack.constants import APPLICATION_JSON
from localstack.http import Response
from localstack.services.apigateway.next_gen import provider
from localstack.services.apigateway.next_gen.execute_api.api import RestApiGatewayHandlerChain
from localstack.services.apigateway.next_gen.execute_api.context import RestApiInvocationContext
from localstack.services.apigateway.next_gen.execute_api.gateway_response import (
    BaseGatewayException,
    InternalServerError,
    get_gateway_response_or_default,
)
from localstack.services.apigateway.next_gen.execute_api.handlers import parse
from localstack.services.apigateway.next_gen.execute_api.handlers.gateway_exception import GatewayExceptionHandler

_DEFAULT_TEMPLATE = '{"message":$context.error.messageString}'
_VARIABLE = re.compile(r"\$(context|stageVariables|method\.request)((?:\.[\w-]+)+)")
_HEADER = "gatewayresponse.header."


def render(template: str, context: RestApiInvocationContext) -> str:
    """A gateway response's template: AWS replaces variables in it, and knows no logic there.

    ``$context``, ``$stageVariables`` and ``$method.request``; one without a value stays empty.
    """
    return _VARIABLE.sub(lambda match: value_of(match[1] + match[2], context), template)


def value_of(expression: str, context: RestApiInvocationContext) -> str:
    """``context.error.message``, ``stageVariables.x``, ``method.request.header.x`` or ``'literal'``; "" for none."""
    if expression.startswith("'"):
        return expression.strip("'")
    kind, *names = expression.split(".")
    found: Any
    if kind == "context":
        found = _find(context.context_variables, names)
    elif kind == "stageVariables":
        found = _find(context.stage_variables, [".".join(names)])
    else:
        found = _request_parameter(context, names[1], ".".join(names[2:])) if len(names) > 2 else None
    return "" if found is None else str(found)


def _find(found: Any, names: list[str]) -> Any:
    for name in names:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _request_parameter(context: RestApiInvocationContext, place: str, name: str) -> Any:
    request = context.invocation_request or {}
    if place == "multivalueheader":
        return ",".join(request["headers"].getlist(name))
    places = {"header": "headers", "path": "path_parameters", "querystring": "query_string_parameters"}
    return (request.get(places.get(place, "")) or {}).get(name)


def _template(declared: GatewayResponse, context: RestApiInvocationContext) -> tuple[str, str]:
    """The content type accepted first of those declared, else JSON, else the first; and its template."""
    templates = declared.get("responseTemplates") or {}
    accepted = ((context.invocation_request or {}).get("headers") or {}).get("Accept", "")
    wanted = [each.split(";")[0].strip() for each in accepted.split(",")]
    for content_type in [*wanted, APPLICATION_JSON, *templates]:
        if content_type in templates:
            return content_type, templates[content_type]
    return APPLICATION_JSON, _DEFAULT_TEMPLATE


def apply(declared: GatewayResponse, response: Response, context: RestApiInvocationContext) -> None:
    """Give a response that LocalStack made the declared body and headers."""
    content_type, template = _template(declared, context)
    if template != _DEFAULT_TEMPLATE:
        response.set_data(render(template, context))
        response.headers["Content-Type"] = content_type
    for name, expression in (declared.get("responseParameters") or {}).items():
        if name.startswith(_HEADER) and (value := value_of(expression, context)):
            response.headers[name.removeprefix(_HEADER)] = value


def error_variables(exception: BaseGatewayException) -> dict[str, str]:
    """``$context.error``: ``messageString`` has the quotes about it that ``message`` lacks."""
    quoted = json.dumps(exception.message)
    return {
        "message": quoted[1:-1] if isinstance(exception.message, str) else "",
        "messageString": quoted,
        "responseType": exception.type,
        "validationErrorString": json.dumps(getattr(exception, "validation_error", ""))[1:-1],
    }


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
        if context.context_variables is None:
            context.context_variables = {}
        original_call(handler, chain, exception, context, response)

    def create_response(
        handler: GatewayExceptionHandler, exception: BaseGatewayException, context: RestApiInvocationContext
    ) -> Response:
        response: Response = original_response(handler, exception, context)
        declared = get_gateway_response_or_default(exception.type, context.deployment.rest_api.gateway_responses)
        context.context_variables["error"] = error_variables(exception)
        apply(declared, response, context)
        return response

    def described(*arguments: Any) -> GatewayResponse:
        """A copy: what describes it writes a status code into it, which all APIs would answer with from then on."""
        return {**get_gateway_response_or_default(*arguments)}

    provider.get_gateway_response_or_default = described
    GatewayExceptionHandler.__call__ = handle
    GatewayExceptionHandler.create_exception_response = create_response
