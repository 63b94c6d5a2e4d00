"""What a function's answer says about its batch."""

import json
from typing import Any


class MalformedAnswerError(Exception):
    """The list of failures is malformed: the whole batch failed."""


def failed_items(payload: bytes | None, identifiers: set[str]) -> set[str]:
    """Which items of the batch failed, by a function's answer with ``ReportBatchItemFailures`` on.

    An empty or null answer and an empty or null list are a success; invalid JSON, an entry without ``itemIdentifier``
    and one that names nothing of the batch fail it all:
    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html

    Raises:
        MalformedAnswerError
    """
    if not payload:
        return set()
    try:
        answer = json.loads(payload)
    except ValueError:
        raise MalformedAnswerError("the function's answer is not JSON") from None
    found = {_identifier(entry) for entry in _entries(answer)}
    if not found <= identifiers:
        raise MalformedAnswerError("the function's batchItemFailures name what is not in the batch")
    return found


def _identifier(entry: Any) -> str:
    identifier = entry.get("itemIdentifier") if isinstance(entry, dict) else None
    return identifier if isinstance(identifier, str) else ""


def _entries(answer: Any) -> list[Any]:
    if answer is None:
        return []
    if isinstance(answer, dict):
        failures = answer.get("batchItemFailures")
        if failures is None:
            return []
        if isinstance(failures, list):
            return failures
    raise MalformedAnswerError("the function's answer has no list of batchItemFailures")
