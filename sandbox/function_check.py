"""Invokes each function once, so that code that cannot start is told now.

The event is one that changes nothing: an empty batch for a consumer, a route that does not exist for an API. It also
warms the functions up: the first order is not the one that waits for them.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bootstrap.clients import Clients
from bootstrap.resources import EventSourceMapping, Function, Stack
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


class FunctionStartError(SandboxError):
    """A function was deployed but cannot start or answer."""


def check(clients: Clients, stack: Stack, names: set[str]) -> None:
    """Invoke the named functions side by side.

    Raises:
        FunctionStartError: names the functions that failed, each with its error as Lambda tells it.
    """
    consumers = {mapping.function.name for mapping in stack.of(EventSourceMapping)}
    chosen = [function.name for function in stack.of(Function) if function.name in names]
    if not chosen:
        return
    with ThreadPoolExecutor(len(chosen)) as pool:
        failures = pool.map(lambda name: _failure(clients, name, is_consumer=name in consumers), chosen)
    told = [failure for failure in failures if failure]
    if told:
        raise FunctionStartError("; ".join(told))


def _failure(clients: Clients, name: str, *, is_consumer: bool) -> str | None:
    event = _EMPTY_BATCH if is_consumer else _UNKNOWN_ROUTE
    answer = clients.lambda_.invoke(FunctionName=name, Payload=json.dumps(event))
    if "FunctionError" not in answer:
        return None
    error = json.loads(answer["Payload"].read())
    where = _last_frame(error.get("stackTrace"))
    return f"function {name} cannot start: {error.get('errorType')}: {error.get('errorMessage')}{where}"


def _last_frame(stack_trace: list[str] | None) -> str:
    lines = [line.strip() for line in (stack_trace or [])[-1:]]
    return f" ({lines[0].splitlines()[0]})" if lines else ""
