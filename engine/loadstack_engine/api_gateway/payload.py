"""Request bodies as they were sent, and the size limit.

Stock LocalStack 4.14.0 re-encodes form bodies (``{`` arrives as ``%7B=``; above 500 kB they end in a 500) and has no
size limit.
"""

import zlib
from http import HTTPStatus

from localstack.http import Request
from localstack.services.apigateway.next_gen.execute_api.context import RestApiInvocationContext
from localstack.services.apigateway.next_gen.execute_api.gateway_response import (
    BadRequestBodyError,
    RequestTooLargeError,
)
from localstack.services.apigateway.next_gen.execute_api.handlers import parse

# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
_MAX_PAYLOAD_BYTES = 10 * 1024 * 1024


_ERROR = "loadstack.body_error"


def body_of(request: Request) -> bytes:
    """The body as it was sent, whatever its content type; empty where :func:`check` has something against it."""
    try:
        body: bytes = request.get_data(cache=True, parse_form_data=False)
    except (OSError, EOFError, zlib.error) as error:
        request.environ[_ERROR] = BadRequestBodyError(f"The body is not what Content-Encoding says: {error}")
        return b""
    if not is_too_large(body):
        return body
    request.environ[_ERROR] = too_large()
    return b""


def is_too_large(body: bytes) -> bool:
    return len(body) > _MAX_PAYLOAD_BYTES


def too_large() -> RequestTooLargeError:
    """413, as on AWS for more than 10 MB."""
    return RequestTooLargeError("Request Too Long", status_code=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


def use() -> None:
    original = parse.InvocationRequestParser.parse_and_enrich

    def parse_and_enrich(parser: parse.InvocationRequestParser, context: RestApiInvocationContext) -> None:
        """Refuse the body after the rest is known: gateway responses may use the request's id and headers."""
        original(parser, context)
        error = context.request.environ.get(_ERROR)
        if error is not None:
            raise error

    parse.restore_payload = body_of
    parse.InvocationRequestParser.parse_and_enrich = parse_and_enrich
