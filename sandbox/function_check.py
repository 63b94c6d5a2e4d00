"""Invokes each function once, so that code that cannot start is told now.

The event is one that changes nothing, and that is no error: an empty batch for a consumer, a route that does not exist
for an API, a token of nobody's for an authorizer, which counts what it refuses among its errors. It also warms the
functions up: the first order is not the one that waits for them.
"""

import base64
import hashlib
import hmac
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from botocore.exceptions import BotoCoreError

from bootstrap.clients import Clients
from bootstrap.resources import EventSourceMapping, Function, Stack
from bootstrap.rest_api import RestApi
from bootstrap.shop_services import JWT_SECRET
from bootstrap.streams import StreamMapping
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
_METHOD_ARN = "arn:aws:execute-api:us-east-1:000000000000:-/-/GET/-"
_NOBODY = {"iss": "shop", "sub": "function-check", "email": "-", "role": "customer"}
_TOKEN_LIFETIME_S = 60
_TIMED_OUT = "Task timed out after"
_ATTEMPTS = 3
_LEAST_AT_A_TIME = 2
_REFUSED = "Unauthorized"  # an answer too: the key may be newer than the one that the function keeps


class FunctionStartError(SandboxError):
    """A function was deployed but cannot start or answer."""


def check(clients: Clients, stack: Stack, names: set[str]) -> None:
    """Invoke the named functions, as many at a time as there are processors: all at once, each would start so slowly
    that it may time out. One that does nevertheless, on a machine that has much else to do, is invoked again, three
    times in all.

    Raises:
        FunctionStartError: names the functions that failed, each with its error as Lambda tells it.
    """
    mappings: tuple[EventSourceMapping | StreamMapping, ...]
    mappings = (*stack.of(EventSourceMapping), *stack.of(StreamMapping))
    events = {mapping.function.name: _EMPTY_BATCH for mapping in mappings}
    authorizers = {each.function.name for api in stack.of(RestApi) for each in api.authorizers} & names
    events |= {name: _request(_token(clients)) for name in authorizers}
    chosen = [function.name for function in stack.of(Function) if function.name in names]
    if not chosen:
        return
    with ThreadPoolExecutor(max(_LEAST_AT_A_TIME, os.process_cpu_count() or 1)) as pool:
        failures = pool.map(lambda name: _failure(clients, name, events.get(name, _UNKNOWN_ROUTE)), chosen)
    told = [failure for failure in failures if failure]
    if told:
        raise FunctionStartError("; ".join(told))


def _failure(clients: Clients, name: str, event: dict[str, Any]) -> str | None:
    try:
        error = _invoke(clients, name, event)
    except BotoCoreError as silence:
        return f"function {name} gave no answer: {silence}"
    if error is None or ("authorizationToken" in event and error.get("errorMessage") == _REFUSED):
        return None
    where = _last_frame(error.get("stackTrace"))
    return f"function {name} cannot start: {error.get('errorType')}: {error.get('errorMessage')}{where}"


def _invoke(clients: Clients, name: str, event: dict[str, Any]) -> dict[str, Any] | None:
    """The error that the function ended with, None where it answered."""
    error: dict[str, Any] | None = None
    for _ in range(_ATTEMPTS):
        answer = clients.lambda_.invoke(FunctionName=name, Payload=json.dumps(event))
        error = json.loads(answer["Payload"].read()) if "FunctionError" in answer else None
        if error is None or _TIMED_OUT not in str(error.get("errorMessage")):
            break
    return error


def _request(token: str) -> dict[str, Any]:
    return {"type": "TOKEN", "authorizationToken": f"Bearer {token}", "methodArn": _METHOD_ARN}


def _token(clients: Clients) -> str:
    """A good token of a user who never was."""
    key = clients.secretsmanager.get_secret_value(SecretId=JWT_SECRET.name)["SecretString"]
    claims = {**_NOBODY, "exp": int(time.time()) + _TOKEN_LIFETIME_S}
    signed = ".".join(_base64url(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    return f"{signed}.{_base64url(hmac.digest(key.encode(), signed.encode(), hashlib.sha256))}"


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _last_frame(stack_trace: list[str] | None) -> str:
    lines = [line.strip() for line in (stack_trace or [])[-1:]]
    return f" ({lines[0].splitlines()[0]})" if lines else ""
