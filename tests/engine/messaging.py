"""Queues, buses and rules of a test, on the running engine."""

import contextlib
import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from tests.waiting import until

SOURCE = "test.shop"
_LONGEST_RECEIVE_S = 20


def unique(kind: str) -> str:
    return f"{kind}-{uuid.uuid4().hex[:8]}"


def receive(client: Any, url: str, wait_s: int = 30) -> list[dict[str, Any]]:
    """The next messages, up to ten; none when none comes for ``wait_s``, which may be more than SQS's own 20."""
    found: list[dict[str, Any]] = []
    for waited_s in range(0, wait_s or 1, _LONGEST_RECEIVE_S):
        found = client.receive_message(
            QueueUrl=url,
            WaitTimeSeconds=min(wait_s - waited_s, _LONGEST_RECEIVE_S),
            MaxNumberOfMessages=10,
            MessageAttributeNames=["All"],
            MessageSystemAttributeNames=["All"],
        ).get("Messages", [])
        if found:
            break
    return found


@dataclass(frozen=True)
class Queue:
    url: str
    arn: str
    client: Any

    def receive(self, count: int = 1, wait_s: int = 30) -> list[dict[str, Any]]:
        """Messages as they come, until there are so many or none comes for ``wait_s``; they are deleted."""
        received: list[dict[str, Any]] = []
        while len(received) < count:
            if not (found := receive(self.client, self.url, wait_s)):
                break
            for message in found:
                self.client.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
            received += found
        return received

    def bodies(self, count: int = 1, wait_s: int = 30) -> list[Any]:
        return [json.loads(message["Body"]) for message in self.receive(count, wait_s)]

    @property
    def is_empty(self) -> bool:
        return self.receive(wait_s=0) == []


def create_queue(aws: Any, **attributes: str) -> Queue:
    client = aws("sqs")
    name = unique("test") + (".fifo" if attributes.get("FifoQueue") else "")
    url = client.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    arn = client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return Queue(url, arn, client)


@dataclass(frozen=True)
class Bus:
    name: str
    arn: str
    client: Any

    def rule(self, *targets: dict[str, Any], pattern: dict[str, Any] | None = None, **arguments: Any) -> str:
        """A rule on everything from ``SOURCE`` with these targets; returns its ARN."""
        name = unique("rule")
        pattern = pattern or {"source": [SOURCE]}
        arn: str = self.client.put_rule(
            Name=name, EventBusName=self.name, EventPattern=json.dumps(pattern), **arguments
        )["RuleArn"]
        targets = tuple({"Id": str(number), **target} for number, target in enumerate(targets))
        self.client.put_targets(Rule=name, EventBusName=self.name, Targets=list(targets))
        return arn

    def put(self, *details: dict[str, Any], **arguments: Any) -> list[str]:
        """An event for each detail; returns their ids."""
        entries = [
            {"EventBusName": self.name, "Source": SOURCE, "DetailType": "Test", "Detail": json.dumps(d), **arguments}
            for d in details
        ]
        answer = self.client.put_events(Entries=entries)
        assert answer["FailedEntryCount"] == 0
        return [entry["EventId"] for entry in answer["Entries"]]


@contextlib.contextmanager
def bus_of(aws: Any) -> Iterator[Bus]:
    client = aws("events")
    name = unique("bus")
    arn = client.create_event_bus(Name=name)["EventBusArn"]
    yield Bus(name, arn, client)
    for rule in client.list_rules(EventBusName=name)["Rules"]:
        ids = [t["Id"] for t in client.list_targets_by_rule(Rule=rule["Name"], EventBusName=name)["Targets"]]
        client.remove_targets(Rule=rule["Name"], EventBusName=name, Ids=ids, Force=True)
        client.delete_rule(Name=rule["Name"], EventBusName=name, Force=True)
    client.delete_event_bus(Name=name)


class HttpTarget:
    """A server on 127.0.0.1 that answers with these statuses in turn, then with the last of them."""

    def __init__(self, *statuses: int) -> None:
        self.bodies: list[bytes] = []
        self.before_answer: Callable[[], object] = lambda: None
        target, waiting = self, list(statuses)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                target.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
                target.before_answer()
                self.send_response(waiting.pop(0) if len(waiting) > 1 else waiting[0])
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        self._thread = Thread(target=self._server.serve_forever)

    def __enter__(self) -> "HttpTarget":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def wait_for(self, count: int) -> None:
        until(lambda: len(self.bodies) >= count)


def api_destination(aws: Any, url: str) -> str:
    """The ARN of an API destination at this address."""
    client = aws("events")
    connection = client.create_connection(
        Name=unique("connection"),
        AuthorizationType="API_KEY",
        AuthParameters={"ApiKeyAuthParameters": {"ApiKeyName": "x-key", "ApiKeyValue": "secret"}},
    )["ConnectionArn"]
    arn: str = client.create_api_destination(
        Name=unique("destination"), ConnectionArn=connection, InvocationEndpoint=url, HttpMethod="POST"
    )["ApiDestinationArn"]
    return arn
