"""Events of a bus, heard through a rule and a queue of the test's own."""

import json
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from botocore.exceptions import ClientError

from pytest_loadstack.inbox import Inbox
from pytest_loadstack.patience import Patience
from pytest_loadstack.refusals import told_in_a_line

Event = dict[str, Any]

_ALL: dict[str, Any] = {"source": [{"prefix": ""}]}
_GONE = frozenset({"ResourceNotFoundException", "AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"})


class Events:
    """What goes over a bus from the moment that this is made, until :meth:`close`."""

    def __init__(self, aws: Callable[[str], Any], bus: str, pattern: dict[str, Any] | None, patience: Patience) -> None:
        """``pattern`` is one of EventBridge's; without one all events are heard. Leaves nothing when it raises."""
        events, sqs = aws("events"), aws("sqs")
        self._bus = bus
        name = f"wait-for-{uuid.uuid4().hex[:12]}"
        with ExitStack() as made:
            url = sqs.create_queue(QueueName=name)["QueueUrl"]
            made.callback(_unless_gone, sqs.delete_queue, QueueUrl=url)
            arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
            events.put_rule(Name=name, EventBusName=bus, EventPattern=json.dumps(pattern or _ALL))
            made.callback(_unless_gone, events.delete_rule, Name=name, EventBusName=bus)
            events.put_targets(Rule=name, EventBusName=bus, Targets=[{"Id": "test", "Arn": arn}])
            made.callback(_unless_gone, events.remove_targets, Rule=name, EventBusName=bus, Ids=["test"])
            self._inbox = Inbox(sqs, url, patience)
            self._made = made.pop_all()

    def next(self, matching: Callable[[Event], object] | None = None, timeout: float = 30.0) -> Event:
        """The oldest event that matches, when it has come: ``{"source": …, "detail-type": …, "detail": …, …}``.

        Those that do not match stay for the next call. Fails the test after ``timeout`` seconds, with what came.
        """
        __tracebackhide__ = True
        test = (lambda message: matching(message.json)) if matching else None
        with told_in_a_line(f"wait_for.events({self._bus!r}).next"):
            event: Event = self._inbox.take(test, timeout, f"No such event on the bus {self._bus}").json
        return event

    def close(self) -> None:
        """Hear no more, and take the rule and the queue away, also where the test took the bus away before."""
        self._made.close()


def _unless_gone(remove: Callable[..., object], **what: Any) -> None:
    try:
        remove(**what)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _GONE:
            raise
