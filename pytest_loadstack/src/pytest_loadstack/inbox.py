"""Messages of a queue, as a test takes them."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import HTTPClientError

from pytest_loadstack.patience import Patience, listed, shortened

_LONGEST_POLL_S = 5
_BATCH = 10


@dataclass(frozen=True)
class Message:
    """A message of SQS. ``attributes`` are its message attributes, by name; ``raw`` is all that ReceiveMessage says."""

    body: str
    attributes: dict[str, str]
    raw: dict[str, Any]

    @property
    def json(self) -> Any:
        """The body, parsed; raises ValueError where it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise ValueError(f"the message is no JSON ({error})") from None

    def __str__(self) -> str:
        return self.body


class Inbox:
    """A queue with the test as its consumer: what is received is deleted there, and kept here until it is taken."""

    def __init__(self, client: Any, url: str, patience: Patience, nothing: Callable[[], str] = str) -> None:
        """``nothing`` may explain why no message came."""
        self.url = url
        self._client = client
        self._patience = patience
        self._received: list[Message] = []
        self._nothing = nothing
        self._any = False

    def take(self, matching: Callable[[Message], object] | None, timeout: float, wanted: str) -> Message:
        """The oldest message that matches, when there is one; the others stay for the next call."""
        __tracebackhide__ = True

        def find(left: float) -> Message | None:
            return self._taken(matching) or (self._receive(left) and self._taken(matching)) or None

        def instead() -> str:
            why = "" if self._any else self._nothing()
            return f"{wanted} within {timeout:g} s. Seen: {self._seen()}{why}"

        return self._patience.wait(find, timeout, instead)

    def _taken(self, matching: Callable[[Message], object] | None) -> Message | None:
        __tracebackhide__ = True
        for message in self._received:
            if matching is None or _fits(message, matching):
                self._received.remove(message)
                return message
        return None

    def _receive(self, left: float) -> bool:
        answer = self._client.receive_message(
            QueueUrl=self.url,
            MaxNumberOfMessages=_BATCH,
            WaitTimeSeconds=min(_LONGEST_POLL_S, int(left)),
            MessageAttributeNames=["All"],
            AttributeNames=["All"],
        )
        messages = answer.get("Messages", [])
        if messages:
            entries = [{"Id": str(n), "ReceiptHandle": each["ReceiptHandle"]} for n, each in enumerate(messages)]
            self._client.delete_message_batch(QueueUrl=self.url, Entries=entries)
        self._received += [_message(each) for each in messages]
        self._any = self._any or bool(messages)
        return bool(messages)

    def _seen(self) -> str:
        names = {"ApproximateNumberOfMessagesNotVisible": "in flight", "ApproximateNumberOfMessagesDelayed": "delayed"}
        answer = self._client.get_queue_attributes(QueueUrl=self.url, AttributeNames=list(names))
        elsewhere = [f"{n} {names[name]}" for name, n in answer.get("Attributes", {}).items() if n != "0"]
        return " and ".join([listed(self._received, "message"), *elsewhere])


def _fits(message: Message, matching: Callable[[Message], object]) -> bool:
    __tracebackhide__ = True
    try:
        return bool(matching(message))
    except (HTTPClientError, OSError):  # it asked a sandbox, whose end may explain it
        raise
    except Exception as error:
        what = f"{type(error).__name__}: {error}"
        raise pytest.fail.Exception(f"matching raised {what}, for the message\n  {shortened(message.body)}") from error


def _message(raw: dict[str, Any]) -> Message:
    attributes = raw.get("MessageAttributes", {})
    texts = {name: each["StringValue"] for name, each in attributes.items() if "StringValue" in each}
    return Message(raw["Body"], texts, raw)
