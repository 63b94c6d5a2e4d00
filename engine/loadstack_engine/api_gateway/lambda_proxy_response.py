"""What a function of the Lambda proxy integration answers, checked as AWS checks it.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html#api-gateway-simple-proxy-for-lambda-output-format
"""

import base64
import binascii
import json
from typing import Any

from localstack.constants import APPLICATION_JSON
from localstack.services.apigateway.next_gen.execute_api.context import EndpointResponse
from localstack.services.apigateway.next_gen.execute_api.gateway_response import InternalServerError
from werkzeug.datastructures import Headers

_FIELDS = frozenset(("statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"))


def endpoint_response(payload: bytes | str, *, binary_accepted: bool) -> EndpointResponse:
    """Status, headers and body of the function's answer.

    ``binary_accepted``: the request accepts one of the API's binary media types, so base64 is decoded.

    Raises:
        InternalServerError: 502 for what is not an answer of this format (also the error of a failed function);
            500 for a body that is said to be base64 and is not.
    """
    answer = _parse(payload)
    body = answer.get("body") or ""
    return EndpointResponse(
        headers=_headers(answer),
        body=_decoded(body) if binary_accepted and answer.get("isBase64Encoded") else body.encode(),
        status_code=int(answer.get("statusCode") or 200),
    )


def _parse(payload: bytes | str) -> dict[str, Any]:
    try:
        answer = json.loads(payload)
    except ValueError as error:
        raise _malformed() from error
    if not (isinstance(answer, dict) and answer.keys() <= _FIELDS and _has_right_types(answer)):
        raise _malformed()
    return answer


def _has_right_types(answer: dict[str, Any]) -> bool:
    headers = answer.get("headers") or {}
    lists = answer.get("multiValueHeaders") or {}
    return (
        _is_status(answer.get("statusCode"))
        and isinstance(answer.get("body"), str | None)
        and isinstance(headers, dict)
        and all(isinstance(value, str | bool) for value in headers.values())
        and isinstance(lists, dict)
        and all(isinstance(values, list) for values in lists.values())
    )


def _is_status(value: Any) -> bool:
    try:
        return value is None or int(value) >= 0
    except (TypeError, ValueError):
        return False


def _headers(answer: dict[str, Any]) -> Headers:
    """``multiValueHeaders`` come before ``headers`` of the same name, whose casing they decide."""
    headers = Headers({"Content-Type": APPLICATION_JSON})
    single = {name: _text(value) for name, value in (answer.get("headers") or {}).items()}
    lists = answer.get("multiValueHeaders") or {}
    by_lower_name = {name.lower(): value for name, value in single.items()} if lists else {}
    headers.update(single)
    for name, values in lists.items():
        also = by_lower_name.get(name.lower())
        headers.setlist(name, [*map(_text, values), *([] if also is None else [also])])
    return headers


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _decoded(body: str) -> bytes:
    try:
        return base64.b64decode(body)
    except (binascii.Error, ValueError) as error:
        raise InternalServerError("Internal server error", status_code=500) from error


def _malformed() -> InternalServerError:
    return InternalServerError("Internal server error", status_code=502)
