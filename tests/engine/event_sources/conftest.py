"""Queues, functions that record, and mappings between them."""

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.engine.conftest import Function
from tests.engine.event_sources.recorder import SOURCE, Recorder
from tests.waiting import until


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    return Recorder(tmp_path)


@dataclass(frozen=True)
class Queue:
    url: str
    arn: str
    client: Any

    def send(self, *bodies: Any, group: str | None = None) -> None:
        """Each body as a message: text as it is, anything else as JSON; ten a call."""
        texts = [body if isinstance(body, str) else json.dumps(body) for body in bodies]
        fifo = {"MessageGroupId": group} if group else {}
        for first in range(0, len(texts), 10):
            entries = [
                {
                    "Id": str(i),
                    "MessageBody": text,
                    **fifo,
                    **({"MessageDeduplicationId": uuid.uuid4().hex} if fifo else {}),
                }
                for i, text in enumerate(texts[first : first + 10])
            ]
            assert "Failed" not in self.client.send_message_batch(QueueUrl=self.url, Entries=entries)

    def attribute(self, name: str) -> int:
        answer = self.client.get_queue_attributes(QueueUrl=self.url, AttributeNames=[name])
        return int(answer["Attributes"][name])

    @property
    def visible(self) -> int:
        return self.attribute("ApproximateNumberOfMessages")

    @property
    def in_flight(self) -> int:
        return self.attribute("ApproximateNumberOfMessagesNotVisible")

    @property
    def is_empty(self) -> bool:
        """A message is neither visible nor in flight in the moment it is received: wait for what it does first."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self.client.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)
        return set(answer["Attributes"].values()) == {"0"}


@pytest.fixture
def make_queue(aws: Any) -> Iterator[Callable[..., Queue]]:
    client = aws("sqs")
    made: list[str] = []

    def make(fifo: bool = False, **attributes: Any) -> Queue:
        defaults = {"VisibilityTimeout": 30} | ({"FifoQueue": "true"} if fifo else {})
        name = f"test-{uuid.uuid4().hex[:8]}" + (".fifo" if fifo else "")
        values = {key: str(value) for key, value in (defaults | attributes).items()}
        url = client.create_queue(QueueName=name, Attributes=values)["QueueUrl"]
        made.append(url)
        answer = client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return Queue(url, answer["Attributes"]["QueueArn"], client)

    yield make
    for url in made:
        client.delete_queue(QueueUrl=url)


@pytest.fixture
def record(deploy: Callable[..., Function], recorder: Recorder) -> Callable[..., Function]:
    """``record(partial=True)``: a warm function that records; further arguments are environment variables."""

    def create(partial: bool = False, **variables: str) -> Function:
        environment = recorder.environment | ({"PARTIAL": "1"} if partial else {}) | variables
        function = deploy(SOURCE, Environment={"Variables": environment})
        function.invoke({"Records": []})
        return function

    return create


@dataclass(frozen=True)
class Mapping:
    uuid: str
    client: Any

    @property
    def state(self) -> str:
        state: str = self.client.get_event_source_mapping(UUID=self.uuid)["State"]
        return state

    def update(self, **arguments: Any) -> None:
        self.client.update_event_source_mapping(UUID=self.uuid, **arguments)


@pytest.fixture
def connect(aws: Any) -> Iterator[Callable[..., Mapping]]:
    """``connect(source_arn, function)`` maps one to the other; further arguments are CreateEventSourceMapping's."""
    client = aws("lambda")
    made: list[Mapping] = []

    def create(source: str, function: Function, **arguments: Any) -> Mapping:
        answer = client.create_event_source_mapping(
            FunctionName=function.name, EventSourceArn=source, **({"BatchSize": 1} | arguments)
        )
        mapping = Mapping(answer["UUID"], client)
        made.append(mapping)
        until(lambda: mapping.state == ("Enabled" if arguments.get("Enabled", True) else "Disabled"))
        return mapping

    yield create
    for mapping in made:
        client.delete_event_source_mapping(UUID=mapping.uuid)
