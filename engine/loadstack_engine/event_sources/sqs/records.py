"""Messages of a queue as records of the event that a function gets."""

import base64
import json
from typing import Any

from localstack.services.sqs.models import SqsMessage

from loadstack_engine.event_sources.filters import parsed

Record = dict[str, Any]

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: of a synchronous request
MAX_EVENT_BYTES = 6 * 1024 * 1024
_HEAD, _TAIL = b'{"Records":[', b"]}"


def record_of(message: SqsMessage, receipt_handle: str, queue_arn: str, region: str) -> Record:
    """https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event"""
    content = message.message
    attributes = dict(content["Attributes"])
    attributes["ApproximateFirstReceiveTimestamp"] = str(int((message.first_received or 0) * 1000))
    record: Record = {
        "messageId": content["MessageId"],
        "receiptHandle": receipt_handle,
        "body": content["Body"],
        "attributes": attributes,
        "messageAttributes": {
            name: _attribute(value) for name, value in (content.get("MessageAttributes") or {}).items()
        },
        "md5OfBody": content["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": region,
    }
    if record["messageAttributes"]:
        record["md5OfMessageAttributes"] = content["MD5OfMessageAttributes"]
    return record


def _attribute(value: dict[str, Any]) -> dict[str, Any]:
    renamed = {name[0].lower() + name[1:]: each for name, each in value.items()}
    if "binaryValue" in renamed:
        renamed["binaryValue"] = base64.b64encode(renamed["binaryValue"]).decode()
    return renamed


def for_filters(record: Record) -> Record:
    """What patterns see: the body parsed."""
    return {**record, "body": parsed(record["body"])}


def encoded(record: Record) -> bytes:
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
