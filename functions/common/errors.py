"""Errors that a client of the API sees, each with its HTTP status and code.

    ApiError
    ├── InvalidRequestError      400 INVALID_REQUEST (names the fields)
    ├── UnauthorizedError        401 UNAUTHORIZED
    ├── ForbiddenError           403 FORBIDDEN
    ├── NotFoundError            404 NOT_FOUND
    ├── PayloadTooLargeError     413 PAYLOAD_TOO_LARGE
    └── UnavailableError         503 SERVICE_UNAVAILABLE

A service adds its own under `ApiError` in its `domain.py`. Whatever is not an `ApiError` answers 500 without
its text.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any, ClassVar, Self


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with a request: `field` is a dotted path such as `items.0.quantity`."""

    field: str
    message: str


class ApiError(Exception):
    """Base of all errors that the API answers; the message is shown to the client."""

    status: ClassVar[HTTPStatus]
    code: ClassVar[str]

    def __init__(self, message: str, details: Sequence[FieldError] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.details = tuple(details)

    def body(self) -> dict[str, Any]:
        """The JSON body: `{"error": {"code", "message", "details": [{"field", "message"}]}}`."""
        details = [asdict(detail) for detail in self.details]
        return {"error": {"code": self.code, "message": self.message, "details": details}}


class InvalidRequestError(ApiError):
    """The request is not what the route takes."""

    status = HTTPStatus.BAD_REQUEST
    code = "INVALID_REQUEST"

    @classmethod
    def of(cls, field: str, message: str) -> Self:
        """The common case: one field is wrong."""
        return cls(f"{field}: {message}", [FieldError(field, message)])


class UnauthorizedError(ApiError):
    """No token, or one that does not hold."""

    status = HTTPStatus.UNAUTHORIZED
    code = "UNAUTHORIZED"


class ForbiddenError(ApiError):
    """The token is good, but its owner may not do this."""

    status = HTTPStatus.FORBIDDEN
    code = "FORBIDDEN"


class NotFoundError(ApiError):
    """There is nothing here, or it belongs to somebody else."""

    status = HTTPStatus.NOT_FOUND
    code = "NOT_FOUND"


class PayloadTooLargeError(ApiError):
    """The body is over the limit."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    code = "PAYLOAD_TOO_LARGE"


class UnavailableError(ApiError):
    """Too busy, also after some attempts: try again in a moment."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "SERVICE_UNAVAILABLE"
