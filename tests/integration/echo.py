"""Messages that come twice, late and out of order: what SQS and EventBridge promise no more than to deliver."""

import json
import random
import threading
from typing import Any, Self

_PUT_EVENTS_ENTRIES = 10
_LATE = 40
"""So many events are held back at a time, of which half go out again, in any order."""


class Echo:
    """While entered, hears every event of the bus and puts each on it once more, later, between others.

    Events are told apart by type and content, so its own are not echoed again. ``events`` are what was heard.
    """

    def __init__(self, aws: Any, bus: str, seed: int) -> None:
        self._events, self._sqs, self._bus = aws("events"), aws("sqs"), bus
        self._choice = random.Random(seed)
        self._name = f"echo-{seed}"
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.events: dict[tuple[str, str], dict[str, Any]] = {}
        self.echoed = 0

    def __enter__(self) -> Self:
        self._queue = self._sqs.create_queue(QueueName=self._name)["QueueUrl"]
        attributes = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])["Attributes"]
        rule = {"Name": self._name, "EventBusName": self._bus}
        self._events.put_rule(**rule, EventPattern=json.dumps({"source": [{"prefix": "shop."}]}))
        targets = [{"Id": "echo", "Arn": attributes["QueueArn"]}]
        self._events.put_targets(Rule=self._name, EventBusName=self._bus, Targets=targets)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end()
        self._events.remove_targets(Rule=self._name, EventBusName=self._bus, Ids=["echo"])
        self._events.delete_rule(Name=self._name, EventBusName=self._bus)
        self._sqs.delete_queue(QueueUrl=self._queue)

    def end(self) -> None:
        """Put out all that was heard until now; then nothing more is echoed."""
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        held: list[dict[str, Any]] = []
        messages: list[Any] = []
        while messages or not self._ended.is_set():
            received = self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)
            messages = received.get("Messages", [])
            held += self._new(messages)
            if len(held) >= _LATE:
                self._choice.shuffle(held)
                self._put(held[: _LATE // 2])
                held = held[_LATE // 2 :]
        self._choice.shuffle(held)
        self._put(held)

    def _new(self, messages: list[Any]) -> list[dict[str, Any]]:
        new = []
        for message in messages:
            event = json.loads(message["Body"])
            key = (event["detail-type"], json.dumps(event["detail"], sort_keys=True))
            if key not in self.events:
                self.events[key] = event
                new.append(event)
            self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
        return new

    def _put(self, events: list[dict[str, Any]]) -> None:
        for start in range(0, len(events), _PUT_EVENTS_ENTRIES):
            entries = [
                {
                    "EventBusName": self._bus,
                    "Source": event["source"],
                    "DetailType": event["detail-type"],
                    "Detail": json.dumps(event["detail"]),
                }
                for event in events[start : start + _PUT_EVENTS_ENTRIES]
            ]
            answer = self._events.put_events(Entries=entries)
            assert answer["FailedEntryCount"] == 0
            self.echoed += len(entries)
