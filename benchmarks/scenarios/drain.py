"""A thousand queued messages: from the mapping's creation until a function of 10 ms a batch has had them all."""

import socket
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from benchmarks.scenarios.base import Cell, Measured, Scenario, Subject
from benchmarks.stack import Clients, create_queue, function

_MESSAGES = 1000
_BATCH = 10
_LIMIT_S = 20.0
_NAME = "work"


def measure(subject: Subject) -> Measured:
    """Seconds, counted by the messages' ids that the function told of; None where it was cut."""
    aws = subject.clients
    with (
        tempfile.TemporaryDirectory(prefix="bench-", dir="/var/tmp") as folder,  # a function sees no /tmp but its own
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as reports,
        function(aws, _NAME) as arn,
    ):
        path = str(Path(folder) / "reports")
        reports.bind(path)
        queue, queue_arn = create_queue(aws, "bench-work")
        try:
            _fill(aws, queue, path)
            aws("lambda").invoke(FunctionName=_NAME, Payload=b"{}")  # warm
            began = time.perf_counter()
            mapping = aws("lambda").create_event_source_mapping(
                EventSourceArn=queue_arn, FunctionName=arn, BatchSize=_BATCH
            )
            seen = _watch(reports, began + _LIMIT_S)
            seconds = time.perf_counter() - began
            aws("lambda").delete_event_source_mapping(UUID=mapping["UUID"])
        finally:
            aws("sqs").delete_queue(QueueUrl=queue)
    if seen == _MESSAGES:
        return Measured({"drained_s": seconds, "messages_per_s": _MESSAGES / seconds})
    note = f"{seen} of {_MESSAGES} messages in {_LIMIT_S:.0f} s, then cut"
    return Measured({"drained_s": None, "messages_per_s": seen / seconds}, [note], once=True)


def _fill(aws: Clients, queue: str, body: str) -> None:
    for first in range(0, _MESSAGES, 10):
        entries = [{"Id": str(number), "MessageBody": body} for number in range(first, first + 10)]
        aws("sqs").send_message_batch(QueueUrl=queue, Entries=entries)


def _watch(reports: socket.socket, deadline: float) -> int:
    """How many different messages were told of until the deadline."""
    seen: set[bytes] = set()
    with suppress(TimeoutError):
        while len(seen) < _MESSAGES and (left := deadline - time.perf_counter()) > 0:
            reports.settimeout(left)
            seen.update(reports.recv(65536).split(b"\n"))
    return len(seen)


SCENARIO = Scenario(
    "drain",
    "Draining 1,000 queued messages with a function of 10 ms, in batches of 10",
    (Cell("drain", measure),),
    needs_stack=False,
)
