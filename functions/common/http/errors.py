"""Every failure as the same JSON, whoever raised it: our code, Powertools or Python."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response, content_types
from aws_lambda_powertools.event_handler.exceptions import NotFoundError as NoRouteError
from aws_lambda_powertools.event_handler.openapi.exceptions import (
    RequestUnsupportedContentType,
    RequestValidationError,
)
from botocore.exceptions import ClientError

from common.dynamodb import BusyError, busy
from common.errors import ApiError, FieldError, InvalidRequestError, NotFoundError, UnavailableError
from common.http.middleware import CORRELATION_HEADER
from common.log import logger

_MAX_DETAILS = 20
_RETRY_AFTER_S = "1"
_SOURCES = {"body", "query", "header", "path"}


class InternalError(ApiError):
    """What a client is told of an error that nobody foresaw."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    code = "INTERNAL_ERROR"


class MethodNotAllowedError(ApiError):
    """The path is one of ours, with other methods."""

    status = HTTPStatus.METHOD_NOT_ALLOWED
    code = "METHOD_NOT_ALLOWED"


def answer_errors(app: APIGatewayRestResolver) -> None:
    """Register the handlers that turn exceptions into answers."""

    def answer(error: ApiError, **headers: str) -> Response[dict[str, Any]]:
        logger.info("request refused", status=error.status.value, code=error.code, reason=error.message)
        return Response(
            status_code=error.status.value,
            content_type=content_types.APPLICATION_JSON,
            headers={CORRELATION_HEADER: app.context["correlation_id"], **headers},
            body=error.body(),
        )

    def no_route(_: NoRouteError) -> Response[dict[str, Any]]:
        if methods := _methods(app, app.context["_path"]):
            return answer(MethodNotAllowedError(f"This path takes {methods}."), Allow=methods)
        return answer(NotFoundError("There is no such route."))

    def invalid(error: RequestValidationError) -> Response[dict[str, Any]]:
        return answer(from_validation(error.errors()))

    def not_json(_: RequestUnsupportedContentType) -> Response[dict[str, Any]]:
        return answer(InvalidRequestError.of("Content-Type", "must be application/json"))

    def too_busy(_: BusyError) -> Response[dict[str, Any]]:
        logger.warning("DynamoDB stays busy", exc_info=True)
        error = UnavailableError("The shop is too busy right now: try again.")
        return answer(error, **{"Retry-After": _RETRY_AFTER_S})

    def refused(error: ClientError) -> Response[dict[str, Any]]:
        return too_busy(BusyError(str(error))) if busy(error) else unexpected(error)

    def unexpected(_: Exception) -> Response[dict[str, Any]]:
        logger.exception("unexpected error")
        return answer(InternalError("Something went wrong on our side."))

    app.exception_handler(ApiError)(answer)
    app.exception_handler(NoRouteError)(no_route)
    app.exception_handler(RequestValidationError)(invalid)
    app.exception_handler(RequestUnsupportedContentType)(not_json)
    app.exception_handler(BusyError)(too_busy)
    app.exception_handler(ClientError)(refused)
    app.exception_handler(Exception)(unexpected)


def _methods(app: APIGatewayRestResolver, path: str) -> str:
    """What the path takes, as the header Allow lists it; nothing for a path without routes.

    A path of its own (`/users/login`) is not also one with a variable in that place (`/users/<user_id>`).
    https://www.rfc-editor.org/rfc/rfc9110#name-405-method-not-allowed
    """
    own = {route.method for route in app._static_routes if route.rule.match(path)}
    return ", ".join(sorted(own or {route.method for route in app._dynamic_routes if route.rule.match(path)}))


def from_validation(errors: Sequence[dict[str, Any]]) -> ApiError:
    """Pydantic's errors as ours, at most 20 of them. A path that cannot be an id names nothing: 404."""
    if any(error["loc"][0] == "path" for error in errors):
        return NotFoundError("There is nothing with this id.")
    details = [FieldError(_field(error["loc"]), _message(error)) for error in errors[:_MAX_DETAILS]]
    return InvalidRequestError(f"{details[0].field}: {details[0].message}", details)


def _message(error: Mapping[str, Any]) -> str:
    """Pydantic counts "items" in a text whose length is checked after another check."""
    message: str = error["msg"]
    if isinstance(error.get("input"), str):
        message = message.replace(" items after validation", " characters")
        message = message.replace(" item after validation", " character")
    return message


def _field(location: Sequence[str | int]) -> str:
    """("body", "items", 0, "quantity") is `items.0.quantity`; ("body",) alone is `body`."""
    parts = location[1:] if len(location) > 1 and location[0] in _SOURCES else location
    return ".".join(map(str, parts))
