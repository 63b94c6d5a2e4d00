"""What API Gateway answers without a service: the routes that the stack declares with an integration of AWS's own."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from bootstrap.rest_api import AwsIntegration, RestApi, Route
from bootstrap.shop_uploads import MEDIA_TYPES
from common.errors import (
    ApiError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    PayloadTooLargeError,
    UnauthorizedError,
)
from common.http import raises
from common.http.middleware import CORRELATION_HEADER

_ERROR = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorResponse"}}}


def document(api: RestApi) -> dict[str, Any]:
    """The OpenAPI document of those routes, tagged with the first part of their path."""
    models = {model.name: model.schema for model in api.models}
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    for route in api.routes:
        if isinstance(route.target, AwsIntegration):
            told = _TOLD[route.path]
            operation = _operation(route, route.target, told)
            paths.setdefault(route.path, {})[route.method.lower()] = operation
            if told.body:
                operation["requestBody"] = told.body
            if route.request_model:
                name = f"{_tag(route.path).title()}{route.request_model}"
                schemas[name] = _schema(models[route.request_model])
                operation["requestBody"] = _body({"$ref": f"#/components/schemas/{name}"})
    names = sorted({_tag(path) for path in paths if _TOLD[path].tag_is_its_own})
    tags = [{"name": name, "description": "Taken by API Gateway itself."} for name in names]
    return {"tags": tags, "paths": paths, "components": {"schemas": schemas}}


@dataclass(frozen=True, slots=True)
class _Told:
    """What no declaration says of a route."""

    operation_id: str
    summary: str
    description: str
    errors: tuple[type[ApiError], ...]
    roles: tuple[str, ...] = ()
    body: Mapping[str, Any] | None = None
    tag_is_its_own: bool = False


_BYTES = {"type": "string", "format": "binary"}
_TOLD = {
    "/async/orders": _Told(
        "postAsyncOrders",
        "Hand it to the queue order-intake; no service is asked.",
        "API Gateway checks the body. What is wrong with it otherwise is found behind the queue. What becomes of it "
        "has the id that is answered: the order's `orderId` is this `messageId`.",
        (InvalidRequestError, UnauthorizedError, PayloadTooLargeError),
        tag_is_its_own=True,
    ),
    "/products/{productId}/image": _Told(
        "putProductImage",
        "Give the product a picture, a PNG or JPEG of at most 5 MiB.",
        "API Gateway looks at type, size and first bytes and hands it to S3. The product shows `image` and "
        "`thumbnailUrl` a moment later; of several uploads the last one. What turns out to be no picture, has over 40 "
        "megapixels, or belongs to no product is set aside in the bucket, with the reason, and nothing is shown of it.",
        (InvalidRequestError, UnauthorizedError, ForbiddenError, NotFoundError, PayloadTooLargeError),
        ("admin",),
        {"required": True, "content": {kind: {"schema": _BYTES} for kind in MEDIA_TYPES}},
    ),
}


def _operation(route: Route, target: AwsIntegration, known: _Told) -> dict[str, Any]:
    declared = {response.status: response.template for response in target.responses}
    answers = {status: _answer(status, template) for status, template in declared.items()}
    for status, told in raises(*known.errors).items():
        answers[status] = {"description": told["description"], "content": _ERROR}
    return {
        "tags": [_tag(route.path)],
        "summary": known.summary,
        "description": known.description,
        "operationId": known.operation_id,
        **({"security": [{"bearer": list(known.roles)}]} if route.authorizer else {}),
        "parameters": [*_path_parameters(route.path), _CORRELATION],
        "responses": {str(status): answers[status] for status in sorted(answers)},
    }


_CORRELATION = {
    "name": CORRELATION_HEADER,
    "in": "header",
    "description": "As everywhere; but one that is not allowed is replaced rather than refused.",
    "schema": {"type": "string"},
}


def _path_parameters(path: str) -> list[dict[str, Any]]:
    schema = {"type": "string", "minLength": 1, "maxLength": 64}
    names = re.findall(r"{(\w+)}", path)
    return [{"name": name, "in": "path", "required": True, "schema": schema} for name in names]


def _answer(status: int, template: str) -> dict[str, Any]:
    description = HTTPStatus(status).phrase
    if status >= HTTPStatus.BAD_REQUEST:
        return {"description": description, "content": _ERROR}
    names = list(json.loads(template))
    schema = {"type": "object", "required": names, "properties": {name: {"type": "string"} for name in names}}
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _schema(model: Mapping[str, Any]) -> dict[str, Any]:
    """A model without the words that draft 4 has for itself."""
    return {word: value for word, value in model.items() if word not in ("$schema", "title")}


def _tag(path: str) -> str:
    return path.split("/")[1]
