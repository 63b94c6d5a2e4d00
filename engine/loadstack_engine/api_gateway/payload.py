"""Request bodies as they were sent, and the size limit.

Stock LocalStack 4.14.0 re-encodes form bodies (``{`` arrives as ``%7B=``; above 500 kB they end in a 500) and has no
size limit.
"""

import zlib
from http import HTTPStatus

from localstack.http import Request
from localstack.services.apigateway.next_gen.execute_api.gateway_response import (
    BadRequestBodyError,
    RequestTooLargeError,
)
from localstack.services.apigateway.next_gen.execute_api.handlers import parse

# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
_MAX_PAYLOAD_BYTES = 10 * 1024 * 1024


def body_of(request: Request) -> bytes:
    """The body as it was sent, whatever its content type.

    Raises:
        BadRequestBodyError: it is not compressed as its header says.
        RequestTooLargeError: over 10 MB, as on AWS.
    """
    try:
        body = request.get_data(cache=True, parse_form_data=False)
    except (OSError, EOFError, zlib.error) as error:
        raise BadRequestBodyError(f"The body is not what Content-Encoding says: {error}") from error
    check_size(body)
    return body


def check_size(body: bytes) -> None:
    """Raises:
    RequestTooLargeError: over 10 MB, as on AWS.
    """
    if len(body) > _MAX_PAYLOAD_BYTES:
        raise RequestTooLargeError("Request Too Long", status_code=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


def use() -> None:
    parse.restore_payload = body_of
