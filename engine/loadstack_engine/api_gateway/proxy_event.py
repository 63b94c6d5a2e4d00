"""The event of the Lambda proxy integration, straight from the request.

The same as LocalStack makes by way of several multidicts in ``InvocationRequestParser``, ``IntegrationRequestHandler``
and ``create_lambda_input_event``, oddities included: that a header sent twice is there with its first value, say.
https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

import base64
from collections.abc import Iterable
from typing import Any

from localstack.constants import APPLICATION_JSON
from localstack.services.apigateway.next_gen.execute_api.context import RestApiInvocationContext

Pairs = Iterable[tuple[str, str]]

_CAPITALIZED = {"authorization": "Authorization", "user-agent": "User-Agent"}
_SET_BY_US = frozenset(("x-forwarded-for", "x-forwarded-port", "x-forwarded-proto", "x-amzn-trace-id"))


def event_of(context: RestApiInvocationContext, forwarded: dict[str, str]) -> dict[str, Any]:
    """``forwarded`` are the headers that tell of the client: ``X-Forwarded-For``, ``-Port``, ``-Proto``."""
    request = context.invocation_request
    headers = _headers(request["headers"], context, forwarded)
    body, encoded = _body(request["body"])
    return {
        "headers": _single_values(headers),
        "multiValueHeaders": _multiple_values(headers),
        "body": body,
        "isBase64Encoded": encoded,
        "requestContext": context.context_variables,
        "stageVariables": context.stage_variables,
        "queryStringParameters": request["query_string_parameters"] or None,
        "multiValueQueryStringParameters": request["multi_value_query_string_parameters"] or None,
        "pathParameters": request["path_parameters"] or None,
        "httpMethod": request["http_method"],
        "path": request["path"],
        "resource": context.resource["path"],
    }


def _headers(sent: Pairs, context: RestApiInvocationContext, forwarded: dict[str, str]) -> list[tuple[str, str]]:
    """What was sent, with what API Gateway sets, and its defaults for what is missing or empty."""
    headers = [pair for pair in sent if pair[0].lower() not in _SET_BY_US]
    for name, default in (("Accept", APPLICATION_JSON), ("User-Agent", f"AmazonAPIGateway_{context.api_id}")):
        lower = name.lower()
        first = next((value for each, value in headers if each.lower() == lower), "")
        if not first:
            headers = [pair for pair in headers if pair[0].lower() != lower]
            headers.append((name, default))
    headers.extend(forwarded.items())
    headers.append(("X-Amzn-Trace-Id", context.trace_id or ""))
    return headers


def _single_values(headers: list[tuple[str, str]]) -> dict[str, str]:
    first: dict[str, str] = {}
    for name, value in headers:
        first.setdefault(name.lower(), value)
    return {_CAPITALIZED.get(lower := name.lower(), name): first[lower] for name, _ in headers}


def _multiple_values(headers: list[tuple[str, str]]) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for name, value in headers:
        values.setdefault(name, []).append(value)
    return {_CAPITALIZED.get(name.lower(), name): all_ for name, all_ in values.items()}


def _body(body: bytes) -> tuple[str | None, bool]:
    """Text, or base64 and True where it is no UTF-8; None where it is empty."""
    try:
        return body.decode() or None, False
    except UnicodeDecodeError:
        return base64.b64encode(body).decode(), True
