"""Reading messages without taking them, and saying what they are."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sandbox.dead_letters.executions import DETAIL_TYPE, NotAnExecutionError, failed_execution
from sandbox.dead_letters.positions import positions_in

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

# As long as the looking takes; who is killed while looking leaves the messages hidden for no longer.
_HIDDEN_S = 30
_BATCH = 10
MAX_MESSAGES = 1_000
_SHOWN_OF_UNKNOWN = 60


@dataclass(frozen=True, slots=True)
class Content:
    """What a message is about; None for what it does not tell."""

    what: str
    order_id: str | None = None
    correlation_id: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it lies in a queue. `received` counts every look at it, also ours."""

    id: str
    handle: str
    body: str
    sent_at: datetime
    received: int
    came_from_queue: bool
    attributes: Mapping[str, str]


@contextmanager
def peek(sqs: "SQSClient", url: str, limit: int = MAX_MESSAGES) -> Iterator[list[Message]]:
    """At most `limit` messages of a queue, hidden from others within, and visible again after.

    SQS can show a message only by receiving it, which counts as a receive; a dead-letter queue has no limit of those.
    """
    found: dict[str, Message] = {}
    try:
        while len(found) < limit:
            known = len(found)
            found |= {message.id: message for message in receive(sqs, url, _HIDDEN_S)}
            if len(found) == known:  # none left, or the first ones are visible again
                break
        yield sorted(found.values(), key=lambda message: (message.sent_at, message.id))[:limit]
    finally:
        release(sqs, url, found.values())


def receive(sqs: "SQSClient", url: str, hidden_s: int, count: int = _BATCH) -> list[Message]:
    """Up to `count` messages, hidden from others for so long."""
    answer = sqs.receive_message(
        QueueUrl=url,
        MaxNumberOfMessages=count,
        VisibilityTimeout=hidden_s,
        WaitTimeSeconds=1,  # a short poll asks only some of AWS's servers
        MessageSystemAttributeNames=["All"],
        MessageAttributeNames=["All"],
    )
    return [_message(raw) for raw in answer.get("Messages", ())]


def release(sqs: "SQSClient", url: str, messages: Any) -> None:
    """Make them visible again, now."""
    handles = [message.handle for message in messages]
    for start in range(0, len(handles), _BATCH):
        entries: Any = [
            {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": 0}
            for number, handle in enumerate(handles[start : start + _BATCH])
        ]
        sqs.change_message_visibility_batch(QueueUrl=url, Entries=entries)


def _message(raw: Any) -> Message:
    system = raw.get("Attributes", {})
    return Message(
        id=raw["MessageId"],
        handle=raw["ReceiptHandle"],
        body=raw["Body"],
        sent_at=datetime.fromtimestamp(int(system["SentTimestamp"]) / 1000, UTC),
        received=int(system["ApproximateReceiveCount"]),
        came_from_queue="DeadLetterQueueSourceArn" in system,
        attributes={
            name: value["StringValue"]
            for name, value in raw.get("MessageAttributes", {}).items()
            if "StringValue" in value
        },
    )


def content_of(message: Message) -> Content:
    """What the message says that it is: an event of the bus, an announcement, an order of the intake, an execution,
    or unknown.
    """
    told = {"order_id": message.attributes.get("orderId"), "correlation_id": message.attributes.get("correlationId")}
    try:
        body = json.loads(message.body)
    except ValueError:
        return Content(f"not JSON: {_short(message.body)}", **told)
    if not isinstance(body, dict):
        return Content(f"no object: {_short(message.body)}", **told)
    if body.get("detail-type") == DETAIL_TYPE:
        return _of_execution(message.body)
    if "DDBStreamBatchInfo" in body:
        return _content_of_records(message.body)
    if "detail-type" in body:
        data, metadata = _at(body, "detail", "data"), _at(body, "detail", "metadata")
        return Content(
            str(body["detail-type"]),
            _text(data.get("orderId")) or told["order_id"],
            _text(metadata.get("correlationId")) or told["correlation_id"],
        )
    order_id = _text(body.get("orderId")) or told["order_id"]
    correlation_id = _text(body.get("correlationId")) or told["correlation_id"]
    if "stage" in body:
        return Content(f"announcement of {body['stage']}", order_id, correlation_id)
    if "items" in body and "payment" in body:
        return Content("order request", order_id, correlation_id)
    return Content(f"unknown: {_short(message.body)}", order_id, correlation_id)


def _of_execution(body: str) -> Content:
    what = "execution of a state machine"
    try:
        order = failed_execution(body).order()
    except NotAnExecutionError:
        return Content(what)
    about = _at(order, "data").get("orderId"), _at(order, "metadata").get("correlationId")
    return Content(what, *map(_text, about))


def _content_of_records(body: str) -> Content:
    where = positions_in(body)
    if where is None:
        return Content(f"unknown: {_short(body)}")
    return Content(f"{where.count} change{'s' * (where.count != 1)} of the table {where.table}")


def _at(value: Any, *path: str) -> Mapping[str, Any]:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN_OF_UNKNOWN else f"{line[:_SHOWN_OF_UNKNOWN]}…"
