"""The errors of a route's own, as it declares them; those of all routes stand in `common.http.openapi`."""

from collections.abc import Iterable
from inspect import getdoc

from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse

from common.errors import ApiError


def raises(*errors: type[ApiError]) -> dict[int, OpenAPIResponse]:
    """`@app.post(..., responses=raises(EmailTakenError))`: the route may answer with these errors too.

    For the API's description only; each line of it has an error's code and the first line of its docstring.
    """
    return {status: {"description": _lines(errors, status)} for status in sorted({error.status for error in errors})}


def _lines(errors: Iterable[type[ApiError]], status: int) -> str:
    return "\n".join(f"`{error.code}`: {_first_line(error)}" for error in errors if error.status == status)


def _first_line(error: type[ApiError]) -> str:
    return (getdoc(error) or "").partition("\n")[0]
