"""Messages of a queue as records of the event that a function gets."""

import base64
from typing import Any

from localstack.services.sqs.models import SqsMessage

from loadstack_engine.event_sources.filters import parsed

Record = dict[str, Any]


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
