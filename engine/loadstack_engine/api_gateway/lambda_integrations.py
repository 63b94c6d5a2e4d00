"""The integrations of REST APIs that invoke a function, within the process.

Stock LocalStack 4.14.0 invokes through a botocore client (``AWS_PROXY``) or an HTTP request to itself (``AWS``).
"""

import base64
import json
import re

from localstack.aws.api import ServiceException
from localstack.aws.api.lambda_ import InvocationType, LogType, RequestTooLargeException, TooManyRequestsException
from localstack.services.apigateway.next_gen.execute_api.context import EndpointResponse, RestApiInvocationContext
from localstack.services.apigateway.next_gen.execute_api.gateway_response import IntegrationFailureError
from localstack.services.apigateway.next_gen.execute_api.helpers import (
    get_lambda_function_arn_from_invocation_uri,
    mime_type_matches_binary_media_types,
)
from localstack.services.apigateway.next_gen.execute_api.integrations.aws import (
    RestApiAwsIntegration,
    RestApiAwsProxyIntegration,
)
from localstack.services.lambda_.invocation.lambda_models import InvocationResult
from localstack.utils.strings import to_bytes
from werkzeug.datastructures import Headers

from loadstack_engine import in_process
from loadstack_engine.api_gateway import lambda_call
from loadstack_engine.api_gateway.lambda_proxy_response import endpoint_response

_INVOCATION = re.compile(r"arn:[\w-]+:apigateway:[\w-]+:lambda:path/2015-03-31/functions/(?P<arn>[^/]+)/invocations")


def use() -> None:
    original = RestApiAwsIntegration.invoke

    def invoke(integration: RestApiAwsIntegration, context: RestApiInvocationContext) -> EndpointResponse:
        request = context.integration_request
        match = _INVOCATION.fullmatch(request["uri"])
        if match is None or request["http_method"] != "POST" or request["query_string_parameters"]:
            return original(integration, context)
        lambda_call.ask_role(match["arn"], context)
        try:
            return _invoke(match["arn"], context)
        except ServiceException as error:
            if isinstance(error, TooManyRequestsException | RequestTooLargeException) or error.status_code >= 500:
                lambda_call.fail(match["arn"], error)
            return original(integration, context)  # Lambda's own answer, which integration responses can select

    RestApiAwsProxyIntegration.invoke = invoke_proxy
    RestApiAwsIntegration.invoke = invoke


def invoke_proxy(integration: RestApiAwsProxyIntegration, context: RestApiInvocationContext) -> EndpointResponse:
    """The ``AWS_PROXY`` integration: the request as an event, the function's answer as the response."""
    request = context.integration_request
    if request["http_method"] != "POST":
        raise IntegrationFailureError("Internal server error")
    arn = get_lambda_function_arn_from_invocation_uri(request["uri"])
    lambda_call.ask_role(arn, context)
    event = json.dumps(integration.create_lambda_input_event(context)).encode()
    result = lambda_call.call(arn, event, context)
    return endpoint_response(result.payload, binary_accepted=accepts_binary(context))


def accepts_binary(context: RestApiInvocationContext) -> bool:
    """Whether the first media type that the request accepts is one of the API's binary ones."""
    matches: bool = mime_type_matches_binary_media_types(
        mime_type=context.invocation_request["headers"].get("Accept"),
        binary_media_types=context.deployment.rest_api.rest_api.get("binaryMediaTypes", []),
    )
    return matches


def _invoke(arn: str, context: RestApiInvocationContext) -> EndpointResponse:
    """The ``AWS`` integration: what Lambda's own ``Invoke`` answers to the mapped request.

    Raises:
        ServiceException: as ``Invoke`` answers it.
    """
    headers = context.integration_request["headers"]
    body = to_bytes(context.integration_request["body"])
    if headers.get("X-Amz-Invocation-Type", InvocationType.RequestResponse) == InvocationType.RequestResponse:
        result = lambda_call.wait_for(arn, body, context, client_context=headers.get("X-Amz-Client-Context"))
        return EndpointResponse(status_code=200, headers=_headers(result, headers), body=to_bytes(result.payload))
    kind = headers["X-Amz-Invocation-Type"]
    in_process.invoke_function(arn, body, invocation_type=kind, trace_context=lambda_call.trace_of(context))
    status_code = 204 if kind == InvocationType.DryRun else 202
    return EndpointResponse(status_code=status_code, headers=Headers(), body=b"")


def _headers(result: InvocationResult, request_headers: Headers) -> Headers:
    headers = Headers({"Content-Type": "application/json", "x-amzn-RequestId": result.request_id})
    if result.executed_version:
        headers["X-Amz-Executed-Version"] = result.executed_version
    if result.is_error:
        headers["X-Amz-Function-Error"] = "Unhandled"
    if request_headers.get("X-Amz-Log-Type") == LogType.Tail:
        headers["X-Amz-Log-Result"] = base64.b64encode(to_bytes(result.logs)[-4096:]).decode()
    return headers
