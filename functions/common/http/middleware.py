"""What happens to every request before its route: trail, correlation id, body limit, token."""

import re
import uuid

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware

from common import auth
from common.errors import ForbiddenError, InvalidRequestError, PayloadTooLargeError
from common.log import logger
from common.trail import Invocation, leg

CORRELATION_HEADER = "X-Correlation-Id"
MAX_BODY_BYTES = 256 * 1024
CORRELATION_PATTERN = "[A-Za-z0-9._-]{1,64}"
_CORRELATION_ID = re.compile(CORRELATION_PATTERN)


def leave_trail(app: APIGatewayRestResolver, next_middleware: NextMiddleware) -> Response[object]:
    """Let what the request causes carry how the request came (`common.trail`)."""
    with Invocation.of(app.lambda_context).serving_request(app.current_event["requestContext"]):
        logger.append_keys(leg=leg())
        return next_middleware(app)


def correlate(app: APIGatewayRestResolver, next_middleware: NextMiddleware) -> Response[object]:
    """Take the caller's correlation id, or make one; put it on every log line and on the answer.

    One that is not `[A-Za-z0-9._-]{1,64}` raises InvalidRequestError; that answer carries a fresh one.
    """
    given = app.current_event.headers.get(CORRELATION_HEADER)
    valid = given is not None and _CORRELATION_ID.fullmatch(given) is not None
    correlation_id = given if given is not None and valid else str(uuid.uuid4())
    app.context["correlation_id"] = correlation_id
    logger.append_keys(correlation_id=correlation_id)
    if given is not None and not valid:
        raise InvalidRequestError.of(CORRELATION_HEADER, f"must match {CORRELATION_PATTERN}")
    response: Response[object] = next_middleware(app)
    response.headers[CORRELATION_HEADER] = correlation_id
    return response


def check_body(app: APIGatewayRestResolver, next_middleware: NextMiddleware) -> Response[object]:
    """Refuse a body over `MAX_BODY_BYTES` (PayloadTooLargeError), or not JSON text (InvalidRequestError)."""
    event = app.current_event
    if event.body:
        try:
            body = event.decoded_body or ""
        except ValueError as error:  # not base64, or not UTF-8
            raise InvalidRequestError.of("body", "is not UTF-8 text") from error
        if len(body.encode(errors="surrogatepass")) > MAX_BODY_BYTES:
            raise PayloadTooLargeError(f"The body is over {MAX_BODY_BYTES} bytes.")
        content_type = event.headers.get("Content-Type", "application/json")
        if not content_type.strip().startswith("application/json"):
            raise InvalidRequestError.of("Content-Type", "must be application/json")
    return next_middleware(app)


def authenticate(app: APIGatewayRestResolver, next_middleware: NextMiddleware) -> Response[object]:
    """Check the bearer token of a route declared with `security`; others pass.

    Raises UnauthorizedError, or ForbiddenError when the route asks for a role that the token does not have.
    """
    security = app.context["_route"].security
    if security:
        principal = auth.authenticate(app.current_event.headers.get("Authorization"))
        app.context["principal"] = principal
        logger.append_keys(user_id=principal.user_id)
        if any(principal.role not in roles for each in security for roles in each.values() if roles):
            raise ForbiddenError("This is for others than you.")
    return next_middleware(app)
