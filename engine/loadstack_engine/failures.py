"""What went wrong with a call to another service, and whether it is worth another try.

EventBridge's documentation names no list of errors; it says that what missing permissions or a missing target cause is
not tried again: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-event-delivery.html
"""

import re
from dataclasses import dataclass

import requests
from botocore.exceptions import BotoCoreError, ClientError
from localstack.aws.api import ServiceException

# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html
_RETRIABLE_HTTP = {401, 407, 409, 429}
_GONE = re.compile("NotFound|NonExist|DoesNotExist|NoSuch")
_FORBIDDEN = re.compile("AccessDenied|NotAuthorized|Unauthorized|Forbidden")
_THROTTLED = re.compile("Throttl|TooManyRequests|LimitExceeded|ThroughputExceeded")
_BUSY = {"ResourceConflictException"}  # a function that is still being created or updated


class HttpTargetError(Exception):
    """An HTTP target answered with something other than success."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"HTTP {status} {reason}")
        self.status = status


@dataclass(frozen=True)
class Failure:
    """``kind`` is EventBridge's word for it (``NO_RESOURCE``), ``code`` the target's own (``QueueDoesNotExist``)."""

    kind: str
    code: str
    message: str
    retriable: bool


def failure_of(error: Exception) -> Failure:
    """Sort an error of a call; one that is nobody's answer is a fault in here, and does not get better."""
    kind, code, retriable = _sort(error)
    return Failure(kind, code, str(error) or code, retriable)


def _sort(error: Exception) -> tuple[str, str, bool]:
    if isinstance(error, ServiceException):
        return _sort_code(getattr(error, "code", type(error).__name__), getattr(error, "status_code", 500))
    if isinstance(error, ClientError):
        return _sort_code(error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"])
    if isinstance(error, HttpTargetError):
        retriable = error.status in _RETRIABLE_HTTP or error.status >= 500
        return "THROTTLING" if error.status == 429 else "ERROR_FROM_TARGET", str(error.status), retriable
    if isinstance(error, requests.Timeout):
        return "TIMEOUT", type(error).__name__, True
    if isinstance(error, (requests.ConnectionError, BotoCoreError, OSError)):
        return "CONNECTION_FAILURE", type(error).__name__, True
    return "INTERNAL_ERROR", type(error).__name__, False


def _sort_code(code: str, status: int) -> tuple[str, str, bool]:
    if _GONE.search(code):
        return "NO_RESOURCE", code, False
    if _FORBIDDEN.search(code):
        return "NO_PERMISSIONS", code, False
    if _THROTTLED.search(code):
        return "THROTTLING", code, True
    if status >= 500 or code in _BUSY:
        return "ERROR_FROM_TARGET", code, True
    return "INVALID_PARAMETER", code, False
