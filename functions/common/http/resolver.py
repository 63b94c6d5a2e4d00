"""One Powertools resolver for all services, so that every API checks and answers alike."""

import json
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Request
from aws_lambda_powertools.event_handler.depends import Depends
from aws_lambda_powertools.event_handler.middlewares.openapi_validation import (
    OpenAPIRequestValidationMiddleware,
    OpenAPIResponseValidationMiddleware,
)

from common.auth import Principal
from common.errors import InvalidRequestError
from common.http.errors import answer_errors
from common.http.middleware import authenticate, check_body, correlate, leave_trail

BEARER: list[dict[str, list[str]]] = [{"bearer": []}]
"""`@app.get(..., security=BEARER)`: the route needs a token, and OpenAPI says so."""

ADMIN: list[dict[str, list[str]]] = [{"bearer": ["admin"]}]
"""As `BEARER`, with the token of an admin."""


def resolver() -> APIGatewayRestResolver:
    """A resolver that runs: trail, correlation id, body limit, token, validation in, the route, validation out.

    The two validation middlewares are what `enable_validation=True` installs. That flag puts them before
    everything else, so that a stranger without a token would be told which fields are wrong: 400 instead of
    401.
    """
    app = APIGatewayRestResolver(json_body_deserializer=json_object)
    app.use(
        middlewares=[
            leave_trail,
            correlate,
            check_body,
            authenticate,
            OpenAPIRequestValidationMiddleware(),  # type: ignore[no-untyped-call]
            OpenAPIResponseValidationMiddleware(has_response_validation_error=True),
        ]
    )
    answer_errors(app)
    return app


def json_object(body: str) -> dict[str, Any]:
    """`body` as a JSON object. Raises InvalidRequestError for other JSON, NaN, and nesting without end."""
    try:
        value = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise InvalidRequestError.of("body", "is not valid JSON") from error
    if not isinstance(value, dict):
        raise InvalidRequestError.of("body", "must be a JSON object")
    return value


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _principal(request: Request) -> Principal:
    principal: Principal = request.context["principal"]
    return principal


Customer = Annotated[Principal, Depends(_principal)]
"""A route's parameter for the one who is signed in; the route must be declared with `security=BEARER`."""


def _correlation_id(request: Request) -> str:
    correlation_id: str = request.context["correlation_id"]
    return correlation_id


CorrelationId = Annotated[str, Depends(_correlation_id)]
"""A route's parameter for the request's correlation id, for what the route causes."""
