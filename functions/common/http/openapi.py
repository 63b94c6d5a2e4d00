"""What OpenAPI cannot see in a route: what the middlewares take and answer. Not loaded by a function that runs.

A route is described where it stands: by its models, its docstring (the first sentence is the summary), `security`, and
`responses=raises(...)` for the errors of its own.
"""

import copy
import json
import re
from collections.abc import Iterable
from http import HTTPStatus
from inspect import getdoc
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.api_gateway import Route
from aws_lambda_powertools.event_handler.openapi.models import HTTPBearer
from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse
from pydantic.alias_generators import to_camel

from common.errors import (
    ApiError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    PayloadTooLargeError,
    UnauthorizedError,
    UnavailableError,
)
from common.http.middleware import CORRELATION_HEADER, CORRELATION_PATTERN
from common.http.raises import raises

# What every operation takes and answers, written once.
_SHARED: dict[str, dict[str, Any]] = {
    "parameters": {
        "CorrelationId": {
            "name": CORRELATION_HEADER,
            "in": "header",
            "description": "Travels through every event, message and log line of what this request causes.",
            "schema": {"type": "string", "pattern": f"^{CORRELATION_PATTERN}$"},
        }
    },
    "headers": {
        "CorrelationId": {
            "description": "The request's X-Correlation-Id, or the one that was made for it.",
            "schema": {"type": "string"},
        }
    },
}
CORRELATION_PARAMETER = {"$ref": "#/components/parameters/CorrelationId"}
_CORRELATION_ANSWER = {"$ref": "#/components/headers/CorrelationId"}
_BEARER = HTTPBearer(bearerFormat="JWT", description="`token` of POST /users/login")
_TEXT = {"type": "string"}


def _object(description: str, **properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "description": description, "required": [*properties], "properties": properties}


# The schemas of `ApiError.body()`.
_ERRORS = {
    "ErrorResponse": _object("Every error has this shape.", error={"$ref": "#/components/schemas/ErrorContent"}),
    "ErrorContent": _object(
        "`details` is empty where no field is at fault.",
        code=_TEXT,
        message=_TEXT,
        details={"type": "array", "items": {"$ref": "#/components/schemas/FieldError"}},
    ),
    "FieldError": _object("`field` is a dotted path such as `items.0.quantity`.", field=_TEXT, message=_TEXT),
}


def describe(app: APIGatewayRestResolver, tag: str) -> dict[str, Any]:
    """The OpenAPI 3.1 document of one service, its operations under `tag`.

    Names of path parameters are those of the JSON, `productId`; each operation takes and answers the correlation id.
    """
    described = APIGatewayRestResolver()
    described._static_routes = [_completed(route, tag) for route in [*app._static_routes, *app._dynamic_routes]]
    document: dict[str, Any] = json.loads(described.get_openapi_json_schema(security_schemes={"bearer": _BEARER}))
    document["paths"] = {_camel(path): item for path, item in document["paths"].items()}
    for item in document["paths"].values():
        for operation in item.values():
            operation["parameters"] = [*map(_parameter, operation.get("parameters", ())), CORRELATION_PARAMETER]
    document["components"] |= _SHARED
    document["components"]["schemas"] = _ERRORS | document["components"].get("schemas", {})
    return document


def answer(response: OpenAPIResponse, *, error: bool = False) -> OpenAPIResponse:
    """`response` with what every answer has: the correlation id, and an error's body."""
    headers = {CORRELATION_HEADER: _CORRELATION_ANSWER, **response.get("headers", {})}
    content = (
        {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorResponse"}}}} if error else {}
    )
    return {**response, "headers": headers, **content}  # type: ignore[typeddict-item]


def _completed(declared: Route, tag: str) -> Route:
    """A copy: what a function answers with is not touched."""
    route = copy.copy(declared)
    route.tags = route.tags or [tag]
    route.operation_id = to_camel(route.func.__name__)
    text = " ".join((getdoc(route.func) or "").split())
    route.summary, route.description = [*re.split(r"(?<=\.) (?=[A-Z0-9`])", text, maxsplit=1), ""][:2]
    route.responses = _answers(route)
    return route


def _answers(route: Route) -> dict[int, OpenAPIResponse]:
    own: dict[int, OpenAPIResponse] = dict(route.responses or {})
    success: OpenAPIResponse = {"description": HTTPStatus(route.status_code).phrase}
    success |= own.pop(route.status_code, {})
    if route.status_code == HTTPStatus.NO_CONTENT:
        success["content"] = {}
    for status, common in raises(*_common(route)).items():
        lines = [each["description"] for each in (common, own.get(status)) if each]
        own[status] = {"description": "\n".join(lines)}
    failures = {status: answer(own[status], error=True) for status in sorted(own)}
    return {route.status_code: answer(success), **failures}


def _common(route: Route) -> Iterable[type[ApiError]]:
    """The errors of the middlewares, and of a path whose ids cannot be."""
    yield InvalidRequestError
    if route.security:
        yield UnauthorizedError
    if any(roles for each in route.security or () for roles in each.values()):
        yield ForbiddenError
    if "<" in route.path:
        yield NotFoundError
    if route.body_field:
        yield PayloadTooLargeError
    yield UnavailableError


def _camel(path: str) -> str:
    return re.sub(r"{(\w+)}", lambda name: f"{{{to_camel(name[1])}}}", path)


def _parameter(parameter: dict[str, Any]) -> dict[str, Any]:
    """A parameter as it is sent: absent rather than null, headers in their usual spelling."""
    rename = {"path": to_camel, "header": str.title}.get(parameter["in"], str)
    # A number with a validator before it keeps pydantic's own words for its bounds.
    words = {"ge": "minimum", "le": "maximum"}
    schema = {words.get(word, word): value for word, value in parameter["schema"].items() if word != "description"}
    options = [option for option in schema.pop("anyOf", []) if option != {"type": "null"}]
    if len(options) == 1:
        schema |= options[0]
    elif options:
        schema["anyOf"] = options
    return {**parameter, "name": rename(parameter["name"]), "schema": schema}
