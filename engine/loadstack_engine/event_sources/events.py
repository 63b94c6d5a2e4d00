"""Records as the JSON of one event."""

import json
from typing import Any

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: of a synchronous request
MAX_EVENT_BYTES = 6 * 1024 * 1024
_HEAD, _TAIL = b'{"Records":[', b"]}"


def encoded(record: dict[str, Any]) -> bytes:
    # A lone surrogate, which no UTF-8 has, becomes the escape that JSON has for it.
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode(errors="backslashreplace")


def event_of(records: list[bytes]) -> bytes:
    return _HEAD + b",".join(records) + _TAIL


def fitting(sizes: list[int]) -> int:
    """How many of the first records go into one event; at least one."""
    total = len(_HEAD) + len(_TAIL)
    for count, size in enumerate(sizes):
        total += size + 1
        if total > MAX_EVENT_BYTES and count:
            return count
    return len(sizes)
