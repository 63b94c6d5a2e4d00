"""REST APIs past LocalStack's general chain of handlers, and their Lambda proxy integrations past most of their own.

For an integration without parameter mapping the event is made straight from the request, and the response straight from
the function's answer. Authorizers, API keys, throttling and validators are asked where a method has them, through the
handlers that LocalStack's chain asks. Any other integration, and a canary, goes through the API's own chain as it is.
"""

import json
from secrets import token_hex

from localstack import config
from localstack.aws.handlers.cors import ALLOWED_CORS_RESPONSE_HEADERS
from localstack.constants import (
    APPLICATION_JSON,
    AWS_REGION_US_EAST_1,
    DEFAULT_AWS_ACCOUNT_ID,
    HEADER_LOCALSTACK_IDENTIFIER,
)
from localstack.http import Response
from localstack.services.apigateway.models import ApiGatewayStore, RestApiDeployment, apigateway_stores
from localstack.services.apigateway.next_gen.execute_api import handlers
from localstack.services.apigateway.next_gen.execute_api.context import RestApiInvocationContext
from localstack.services.apigateway.next_gen.execute_api.gateway_response import MissingAuthTokenError
from localstack.services.apigateway.next_gen.execute_api.helpers import (
    get_lambda_function_arn_from_invocation_uri,
    render_uri_with_stage_variables,
)
from moto.apigateway.models import Stage, apigateway_backends
from werkzeug.datastructures import Headers, MultiDict
from werkzeug.wrappers import Request

from loadstack_engine import in_process
from loadstack_engine.api_gateway import authorizers, lambda_call, payload
from loadstack_engine.api_gateway.addresses import Address, address_of
from loadstack_engine.api_gateway.compiled_api import Route, compiled
from loadstack_engine.api_gateway.hot_context import context_of
from loadstack_engine.api_gateway.lambda_integrations import accepts_binary
from loadstack_engine.api_gateway.lambda_proxy_response import endpoint_response
from loadstack_engine.api_gateway.proxy_event import event_of
from loadstack_engine.front.general import environ_of
from loadstack_engine.front.hot_routes import HOT_ROUTES
from loadstack_engine.front.messages import HttpRequest, HttpResponse
from loadstack_engine.usage import requests_of_apis

_MARK = {HEADER_LOCALSTACK_IDENTIFIER: "true"} if config.LOCALSTACK_RESPONSE_HEADER_ENABLED else {}
_OWN = frozenset(("x-amzn-requestid", "x-amz-apigw-id", "x-amzn-trace-id", *map(str.lower, _MARK)))
_CORS = frozenset(map(str.lower, ALLOWED_CORS_RESPONSE_HEADERS))


def answer(request: HttpRequest) -> HttpResponse | Response | None:
    """The answer of a REST API; None for any other request, and for what LocalStack's general chain decodes."""
    fields = request.fields
    address = address_of(request.target, fields.get("host", ""))
    if address is None or "content-encoding" in fields or "upgrade" in fields:
        return None
    found = _find(address)
    if found is None:
        return None
    deployment_id, deployment, stage = found
    match = compiled(deployment).match(address.path, request.method)
    if getattr(stage, "canary_settings", None) or (match and match[0].uri is None) or not _knows_all_handlers():
        return _through_chain(request, address)
    response = _answered(request, context_of(request, address, deployment_id, deployment, stage), match, stage)
    requests_of_apis.count(address.api_id, address.stage, response)
    return response


def _answered(
    request: HttpRequest,
    context: RestApiInvocationContext,
    match: tuple[Route, dict[str, str]] | None,
    stage: Stage,
) -> HttpResponse | Response:
    try:
        return _respond(request, context, match, stage)
    except Exception as error:
        response = Response(headers={"Content-Type": APPLICATION_JSON})
        handlers.gateway_exception_handler(None, error, context, response)
        handlers.response_enricher(None, context, response)
        return _finished(response)


def _find(address: Address) -> tuple[str, RestApiDeployment, Stage] | None:
    """The stage and its deployment, as LocalStack keeps them; None where there is none, which LocalStack answers."""
    store: ApiGatewayStore = apigateway_stores[DEFAULT_AWS_ACCOUNT_ID][AWS_REGION_US_EAST_1]
    deployment_id = store.active_deployments.get(address.api_id, {}).get(address.stage)
    deployment = store.internal_deployments.get(address.api_id, {}).get(deployment_id)
    if deployment_id is None or deployment is None:
        return None
    api = apigateway_backends[deployment.account_id][deployment.region].apis.get(address.api_id)
    stage = api.stages.get(address.stage) if api else None
    return (deployment_id, deployment, stage) if stage else None


def _knows_all_handlers() -> bool:
    """Whether nobody else added a handler to the API's own chain."""
    return not handlers.modify_request.handlers and all(
        handler is authorizers.enforce for handler in handlers.preprocess_request.handlers
    )


def _respond(
    request: HttpRequest,
    context: RestApiInvocationContext,
    match: tuple[Route, dict[str, str]] | None,
    stage: Stage,
) -> HttpResponse | Response:
    if payload.is_too_large(context.invocation_request["body"]):
        raise payload.too_large()
    if match is None:
        raise MissingAuthTokenError("Missing Authentication Token")
    route, path_parameters = match
    context.invocation_request["path_parameters"] = path_parameters
    _place(context, route)
    _ask_handlers(context, stage)
    uri = render_uri_with_stage_variables(route.uri, context.stage_variables)
    event = event_of(context, _forwarded(request))
    arn = get_lambda_function_arn_from_invocation_uri(uri)
    lambda_call.ask_role(arn, context)
    result = lambda_call.call(arn, json.dumps(event).encode(), context)
    integrated = endpoint_response(result.payload, binary_accepted=accepts_binary(context))
    return _response(integrated["status_code"], integrated["headers"], integrated["body"], context)


def _place(context: RestApiInvocationContext, route: Route) -> None:
    context.resource, context.resource_method = route.resource, route.method
    context.integration = route.method["methodIntegration"]
    context.context_variables["resourcePath"] = route.resource["path"]
    context.context_variables["resourceId"] = route.resource["id"]


def _ask_handlers(context: RestApiInvocationContext, stage: Stage) -> None:
    """In the order of LocalStack's chain, each only where there is something for it to do."""
    method = context.resource_method
    for handler in handlers.preprocess_request.handlers:
        handler(None, context, None)
    if method.get("apiKeyRequired") or stage.method_settings:
        context.stage_configuration = stage.to_json()
        handlers.api_key_validation_handler(None, context, None)
    if method.get("requestValidatorId"):
        handlers.method_request_handler(None, context, None)


def _forwarded(request: HttpRequest) -> dict[str, str]:
    """Of the protocol LocalStack gives the name alone: ``HTTP``, also over TLS."""
    return {
        "X-Forwarded-For": request.client[0],
        "X-Forwarded-Port": str(request.server[1]),
        "X-Forwarded-Proto": "HTTP",
    }


def _response(status: int, headers: Headers, body: bytes, context: RestApiInvocationContext) -> HttpResponse | Response:
    """With API Gateway's own headers; what werkzeug treats specially is left to it."""
    handlers.method_response_handler._transform_headers(headers, "AWS_PROXY")
    own = {
        "x-amzn-RequestId": context.context_variables["requestId"],
        "x-amz-apigw-id": f"{token_hex(4)}=",
        "X-Amzn-Trace-Id": context.trace_id,
    } | _MARK
    pairs = [pair for pair in headers if pair[0].lower() not in _OWN and not _is_empty_cors(*pair)]
    pairs.extend(own.items())
    if status in (204, 304) or status < 200 or "Location" in headers or "Content-Location" in headers:
        return Response(body, status, Headers(pairs))
    return HttpResponse(status, pairs, body)


def _is_empty_cors(name: str, value: str) -> bool:
    return not value and name.lower() in _CORS


def _through_chain(request: HttpRequest, address: Address) -> Response:
    """The API's own chain, with a request as LocalStack's WSGI gateway makes it."""
    http = Request(environ_of(request))
    http.headers = Headers(MultiDict(request.headers))
    endpoint = in_process.provider_of("apigateway").router.handler
    response: Response = endpoint(http, api_id=address.api_id, stage=address.stage)
    return _finished(response)


def _finished(response: Response) -> Response:
    """As LocalStack's general chain sends it."""
    for name in ALLOWED_CORS_RESPONSE_HEADERS:
        if response.headers.get(name) == "":
            del response.headers[name]
    response.headers.update(_MARK)
    return response


def use() -> None:
    """Answer REST APIs from now on, unless LocalStack's general chain is to do their CORS."""
    if not config.DISABLE_CUSTOM_CORS_APIGATEWAY:
        HOT_ROUTES.add(answer)
