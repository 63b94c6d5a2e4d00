"""Invokes each function once, so that code that cannot start is told now.

The event is one that changes nothing: an empty batch for a consumer, a route that does not exist for an API, no token
for an authorizer. It also warms the functions up: the first order is not the one that waits for them.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bootstrap.clients import Clients
from bootstrap.resources import EventSourceMapping, Function, Stack
from bootstrap.rest_api import RestApi
from sandbox.errors import SandboxError

_EMPTY_BATCH: dict[str, Any] = {"Records": []}
_UNKNOWN_ROUTE: dict[str, Any] = {
    "resource": "/{proxy+}",
    "path": "/-",
    "httpMethod": "GET",
    "headers": {},
    "multiValueHeaders": {},
    "queryStringParameters": None,
    "multiValueQueryStringParameters": None,
    "pathParameters": None,
    "requestContext": {"requestId": "function-check", "httpMethod": "GET", "path": "/-", "stage": "-"},
    "body": None,
    "isBase64Encoded": False,
}
_NO_TOKEN: dict[str, Any] = {
    "type": "TOKEN",
    "authorizationToken": "",
    "methodArn": "arn:aws:execute-api:us-east-1:000000000000:-/-/GET/-",
}
_REFUSED = "Unauthorized"  # the words in which an authorizer tells API Gateway


class FunctionStartError(SandboxError):
    """A function was deployed but cannot start or answer."""


def check(clients: Clients, stack: Stack, names: set[str]) -> None:
    """Invoke the named functions side by side.

    Raises:
        FunctionStartError: names the functions that failed, each with its error as Lambda tells it.
    """
    events = {mapping.function.name: _EMPTY_BATCH for mapping in stack.of(EventSourceMapping)}
    events |= {each.function.name: _NO_TOKEN for api in stack.of(RestApi) for each in api.authorizers}
    chosen = [function.name for function in stack.of(Function) if function.name in names]
    if not chosen:
        return
    with ThreadPoolExecutor(len(chosen)) as pool:
        failures = pool.map(lambda name: _failure(clients, name, events.get(name, _UNKNOWN_ROUTE)), chosen)
    told = [failure for failure in failures if failure]
    if told:
        raise FunctionStartError("; ".join(told))


def _failure(clients: Clients, name: str, event: dict[str, Any]) -> str | None:
    answer = clients.lambda_.invoke(FunctionName=name, Payload=json.dumps(event))
    if "FunctionError" not in answer:
        return None
    error = json.loads(answer["Payload"].read())
    if event is _NO_TOKEN and error.get("errorMessage") == _REFUSED:
        return None
    where = _last_frame(error.get("stackTrace"))
    return f"function {name} cannot start: {error.get('errorType')}: {error.get('errorMessage')}{where}"


def _last_frame(stack_trace: list[str] | None) -> str:
    lines = [line.strip() for line in (stack_trace or [])[-1:]]
    return f" ({lines[0].splitlines()[0]})" if lines else ""
