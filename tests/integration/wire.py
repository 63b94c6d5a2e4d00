"""Everything that goes over the bus and the topic, as a subscriber of the tests' own gets it."""

import json
from typing import Any

from tests.event_schemas import check_announcement, check_event

_NAME = "wire"
_OF_TESTS = "shop.test"


class Wire:
    """Two queues that listen from `open` to `close`; each message is kept when it is first read, and checked."""

    def __init__(self, aws: Any) -> None:
        self._aws = aws
        self._events: list[dict[str, Any]] = []
        self._announcements: list[dict[str, Any]] = []
        self.faults: list[str] = []
        self._bus_queue = self._queue(f"{_NAME}-bus")
        self._topic_queue = self._queue(f"{_NAME}-topic")
        pattern = json.dumps({"source": [{"prefix": "shop."}]})
        aws("events").put_rule(Name=_NAME, EventBusName="shop", EventPattern=pattern)
        target = {"Id": _NAME, "Arn": self._arn(self._bus_queue)}
        aws("events").put_targets(Rule=_NAME, EventBusName="shop", Targets=[target])
        self._subscription = aws("sns").subscribe(
            TopicArn="arn:aws:sns:us-east-1:000000000000:order-events",
            Protocol="sqs",
            Endpoint=self._arn(self._topic_queue),
            Attributes={"RawMessageDelivery": "true"},
            ReturnSubscriptionArn=True,
        )["SubscriptionArn"]

    def events(self, correlation_id: str) -> list[dict[str, Any]]:
        """The events so far that a request caused."""
        self.read()
        return [each for each in self._events if each["detail"]["metadata"]["correlationId"] == correlation_id]

    def announcements(self, correlation_id: str) -> list[dict[str, Any]]:
        """The messages of the topic so far that a request caused."""
        self.read()
        return [each for each in self._announcements if each["correlationId"] == correlation_id]

    def seen(self) -> set[str]:
        """The detail-types that came by."""
        return {event["detail-type"] for event in self._events}

    def read(self) -> None:
        """Take what has come since the last time."""
        for message in self._receive(self._bus_queue):
            event = json.loads(message["Body"])
            if event["source"] != _OF_TESTS:
                self._events.append(event)
                self._check(check_event, event["detail-type"], event["detail"])
        for message in self._receive(self._topic_queue):
            announcement = json.loads(message["Body"])
            self._announcements.append(announcement)
            self._check(check_announcement, announcement)
            attribute = message["MessageAttributes"]["correlationId"]["StringValue"]
            if attribute != announcement["correlationId"]:
                self.faults.append(f"attribute correlationId is {attribute}, the message says {announcement}")

    def close(self) -> None:
        """Read the rest and stop listening."""
        self.read()
        self._aws("events").remove_targets(Rule=_NAME, EventBusName="shop", Ids=[_NAME])
        self._aws("events").delete_rule(Name=_NAME, EventBusName="shop")
        self._aws("sns").unsubscribe(SubscriptionArn=self._subscription)
        for url in (self._bus_queue, self._topic_queue):
            self._aws("sqs").delete_queue(QueueUrl=url)

    def _check(self, check: Any, *arguments: Any) -> None:
        try:
            check(*arguments)
        except AssertionError as error:
            self.faults.append(f"{error} in {arguments[-1]}")

    def _queue(self, name: str) -> str:
        url: str = self._aws("sqs").create_queue(QueueName=name)["QueueUrl"]
        return url

    def _arn(self, url: str) -> str:
        return f"arn:aws:sqs:us-east-1:000000000000:{url.rsplit('/', 1)[-1]}"

    def _receive(self, url: str) -> list[Any]:
        found: list[Any] = []
        while (
            batch := self._aws("sqs")
            .receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
            .get("Messages")
        ):
            entries = [{"Id": str(n), "ReceiptHandle": each["ReceiptHandle"]} for n, each in enumerate(batch)]
            self._aws("sqs").delete_message_batch(QueueUrl=url, Entries=entries)
            found += batch
        return found
