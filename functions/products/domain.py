"""The rules of the catalogue, without AWS."""

from http import HTTPStatus

from common.errors import ApiError

MAX_PRICE_CENTS = 100_000_000
MAX_STOCK = 1_000_000_000


class EditConflictError(ApiError):
    """Somebody else changed the product since the caller read it."""

    status = HTTPStatus.PRECONDITION_FAILED
    code = "EDIT_CONFLICT"
