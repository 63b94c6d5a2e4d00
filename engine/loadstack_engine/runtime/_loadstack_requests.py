"""How many requests AWS bills for a call of SQS, SNS or EventBridge: one for each 64 KB that it carries.

Both sides use this module: function processes for their own calls, LocalStack for what its services call of each other.

- https://aws.amazon.com/sqs/pricing/: each 64 KB chunk of a payload is a request, of a batch as a whole
- https://aws.amazon.com/sns/pricing/: each 64 KB chunk of published data is a request
- https://aws.amazon.com/eventbridge/pricing/: each 64 KB chunk of an event is an event
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import chain, repeat
from typing import Any

_CHUNK_BYTES = 64 * 1024
_TIME_BYTES = 14
_SNS_PAYLOAD = ("Message", "Subject", "PublishBatchRequestEntries")


def chunks(size: int) -> int:
    """At least 1, also of nothing."""
    return max(1, -(-size // _CHUNK_BYTES))


def last_part(name: str) -> str:
    """The name in a URL, an ARN or a name alone: ``orders`` of ``http://…/000000000000/orders``."""
    return name.rpartition("/")[2].rpartition(":")[2]


def of_sqs(operation: str, parameters: Mapping[str, Any], answer: Mapping[str, Any]) -> int:
    """A send by what it carries, a receive by what it brings, anything else is one request."""
    if operation == "SendMessage":
        return chunks(message_bytes(parameters))
    if operation == "SendMessageBatch":
        return chunks(sum(map(message_bytes, parameters.get("Entries", ()))))
    if operation == "ReceiveMessage":
        return chunks(sum(map(message_bytes, answer.get("Messages") or ())))
    return 1


def message_bytes(message: Mapping[str, Any]) -> int:
    """The body, and of each attribute the name, the type and the value.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
    """
    body = message.get("MessageBody") or message.get("Body") or ""
    attributes = message.get("MessageAttributes") or {}
    return _size(body) + sum(_size(name) + sum(map(_size, _leaves(value))) for name, value in attributes.items())


def of_sns(parameters: Mapping[str, Any]) -> int:
    """Of ``Publish`` or ``PublishBatch``, by what it carries: messages, subjects and attributes.

    The parameters are those of the SDK, or the fields of the form that it makes of them.
    """
    payload = (value for name, value in parameters.items() if name.startswith(_SNS_PAYLOAD))
    return chunks(sum(_size(leaf) for value in payload for leaf in _leaves(value)))


def of_events(parameters: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[str, int]:
    """Events that ``PutEvents`` is billed as, by bus; not those that it refused.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html#eb-putevent-size
    """
    counts: Counter[str] = Counter()
    results = chain(answer.get("Entries") or (), repeat({}))
    for entry, result in zip(parameters.get("Entries", ()), results, strict=False):
        if result.get("ErrorCode"):
            continue
        parts = [entry.get(name) or "" for name in ("Source", "DetailType", "Detail")] + list(
            entry.get("Resources") or ()
        )
        size = sum(map(_size, parts)) + (_TIME_BYTES if entry.get("Time") else 0)
        counts[last_part(entry.get("EventBusName") or "default")] += chunks(size)
    return dict(counts)


def _leaves(value: Any) -> Iterable[Any]:
    if isinstance(value, Mapping):
        for each in value.values():
            yield from _leaves(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _leaves(each)
    else:
        yield value


def _size(value: Any) -> int:
    return len(value) if isinstance(value, bytes | bytearray) else len(str(value).encode())
