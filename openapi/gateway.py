"""What API Gateway answers without a service: the routes that the stack declares with an integration of AWS's own."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from bootstrap.rest_api import AwsIntegration, RestApi, Route
from common.errors import ApiError, InvalidRequestError, PayloadTooLargeError, UnauthorizedError
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
            operation = _operation(route, route.target)
            paths.setdefault(route.path, {})[route.method.lower()] = operation
            if route.request_model:
                name = f"{_tag(route.path).title()}{route.request_model}"
                schemas[name] = _schema(models[route.request_model])
                operation["requestBody"] = _body({"$ref": f"#/components/schemas/{name}"})
    names = sorted({_tag(path) for path in paths})
    tags = [{"name": name, "description": "Taken by API Gateway itself."} for name in names]
    return {"tags": tags, "paths": paths, "components": {"schemas": schemas}}


def _operation(route: Route, target: AwsIntegration) -> dict[str, Any]:
    errors: dict[int, type[ApiError]] = {413: PayloadTooLargeError}
    errors |= {400: InvalidRequestError} if route.request_model else {}
    errors |= {401: UnauthorizedError} if route.authorizer else {}
    declared = {response.status: response.template for response in target.responses}
    answers = {status: _answer(status, template) for status, template in declared.items()}
    for status, told in raises(*errors.values()).items():
        answers[status] = {"description": told["description"], "content": _ERROR}
    return {
        "tags": [_tag(route.path)],
        "summary": f"Hand it to the queue {target.resource.name}; no service is asked.",
        "description": "API Gateway checks the body. What is wrong with it otherwise is found behind the queue. What "
        "becomes of it has the id that is answered: the order's `orderId` is this `messageId`.",
        "operationId": route.method.lower() + "".join(part.title() for part in route.path.split("/")),
        **({"security": [{"bearer": []}]} if route.authorizer else {}),
        "parameters": [_CORRELATION],
        "responses": {str(status): answers[status] for status in sorted(answers)},
    }


_CORRELATION = {
    "name": CORRELATION_HEADER,
    "in": "header",
    "description": "As everywhere; but one that is not allowed is replaced rather than refused.",
    "schema": {"type": "string"},
}


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
