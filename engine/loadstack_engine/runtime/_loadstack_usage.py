"""What AWS would bill for the calls that this process makes, counted where botocore sends them.

Each amount is ``[section, …, figure, amount]``: the way to its place in ``/_loadstack/usage``, and what to add there. A
call that fails is not billed, but for DynamoDB's conditions.

- S3: https://aws.amazon.com/s3/pricing/: PUT, COPY, POST and LIST are one class of requests, GET and all others the
  second; DELETE is free
- SES: https://aws.amazon.com/ses/pricing/: a mail for each recipient
- Secrets Manager: https://aws.amazon.com/secrets-manager/pricing/: each call
"""

import contextlib
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import _loadstack_capacity as capacity
import _loadstack_requests as requests

type Place = tuple[str, ...]
type Amounts = Iterable[tuple[Place, float]]
type Answer = tuple[Any, dict[str, Any]]

_OWN = "functions"
_PUT_CLASS = ("Put", "Copy", "Create", "Complete", "Upload", "List", "Post", "Restore")
_FREE = ("Delete", "Abort")
_RECIPIENTS = ("Destination.ToAddresses", "Destination.CcAddresses", "Destination.BccAddresses", "Destinations.")


class Used:
    """Amounts since they were taken last. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._amounts: Counter[Place] = Counter()

    def add(self, amounts: Amounts) -> None:
        with self._lock:
            for place, amount in amounts:
                self._amounts[place] += amount  # type: ignore[assignment]  # halves of units, too

    def take(self) -> list[list[Any]]:
        with self._lock:
            amounts, self._amounts = self._amounts, Counter()
        return [[*place, amount] for place, amount in amounts.items()]


USED = Used()


def metered(service: str, operation: str, request: dict[str, Any], send: Callable[[], Answer]) -> Answer:
    """Send, and count. A call that is odd beyond counting is made all the same."""
    asked = None
    if service == "dynamodb":
        with contextlib.suppress(ValueError, AttributeError):
            asked = capacity.ask(operation, request)
    http, answer = send()
    with contextlib.suppress(ValueError, LookupError, TypeError, AttributeError):
        if asked is not None:
            found = capacity.take(asked, request, answer)
            USED.add((("dynamodb", each.name, each.kind), each.units) for each in found)
        elif service in _COUNTED and http.status_code < 300:
            USED.add(_COUNTED[service](operation, request, answer))
    return http, answer


def _sqs(operation: str, request: dict[str, Any], answer: dict[str, Any]) -> Amounts:
    fields = json.loads(request["body"])
    if url := fields.get("QueueUrl"):
        yield ("sqs", requests.last_part(url), _OWN, operation), requests.of_sqs(operation, fields, answer)


def _sns(operation: str, request: dict[str, Any], _: dict[str, Any]) -> Amounts:
    topic = request["body"].get("TopicArn")
    if topic and operation in ("Publish", "PublishBatch"):
        yield ("sns", requests.last_part(topic), "publishes"), requests.of_sns(request["body"])


def _events(operation: str, request: dict[str, Any], answer: dict[str, Any]) -> Amounts:
    if operation == "PutEvents":
        for bus, count in requests.of_events(json.loads(request["body"]), answer).items():
            yield ("events", bus, "custom_events"), count


def _s3(operation: str, request: dict[str, Any], answer: dict[str, Any]) -> Amounts:
    bucket = request["context"]["s3_redirect"]["bucket"]
    if not operation.startswith(_FREE):
        yield ("s3", bucket, "put_requests" if operation.startswith(_PUT_CLASS) else "get_requests"), 1
    body = request.get("body")
    if isinstance(body, bytes) and body and operation in ("PutObject", "UploadPart"):
        yield ("s3", bucket, "bytes_in"), len(body)
    if operation == "GetObject":
        yield ("s3", bucket, "bytes_out"), answer.get("ContentLength", 0)


def _ses(operation: str, request: dict[str, Any], _: dict[str, Any]) -> Amounts:
    if operation in ("SendEmail", "SendRawEmail", "SendTemplatedEmail"):
        yield ("ses", "mails"), max(1, sum(name.startswith(_RECIPIENTS) for name in request["body"]))


def _secretsmanager(*_: Any) -> Amounts:
    yield ("secretsmanager", "calls"), 1


_COUNTED: dict[str, Callable[[str, dict[str, Any], dict[str, Any]], Amounts]] = {
    "sqs": _sqs,
    "sns": _sns,
    "events": _events,
    "s3": _s3,
    "ses": _ses,
    "secretsmanager": _secretsmanager,
}
