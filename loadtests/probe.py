"""Listens to what becomes of the orders, on an SQS queue of its own subscribed to `order-events`: one for each
generating process, which gets messages about that process's orders alone, by a filter on the beginning of their
correlation ids.

Messages carry the times of all stages so far, stamped by the stack, so it does not matter for the figures
when they are received. That allows two savings of the stack's processor time, which is the generator's as
well here: receivers pause a moment after a batch that was not full, so that fewer and fuller batches are
fetched; and of the five stages of an order only those are subscribed to that bring news, as the final one
tells of those between.
"""

from __future__ import annotations

import json
import logging
import os
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

import gevent
import psutil
from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError

from loadtests.errors import SetupError
from loadtests.stack import LONG_POLL_S, Stack

RECEIVERS: Final = 3
GATHER_S: Final = 0.2
"""The pause after a batch that was not full. The end of a run is noticed later by as much."""

BATCH: Final = 10
KEEP: Final = 1_000
"""Messages up to this many are not deleted: the queue goes at the end of the run, and each deletion is a
request. SQS allows 120,000 in flight; what comes beyond this is deleted as usual.
"""

STAGES: Final = ("accepted", "confirmed", "rejected", "cancelled", "notified")
QUEUE_PREFIX: Final = "loadtests-"
_NODE: Final = f"{uuid.getnode() & 0xFFFFFFFF:08x}"
"""This machine, in the names of its queues."""

_HIDE_S: Final = 12 * 3600
_PAUSE_AFTER_ERROR_S: Final = 0.5

log = logging.getLogger(__name__)


def queue_name() -> str:
    """A new name that says whose queue it is: `loadtests-<machine>-<process>-<random>`."""
    return f"{QUEUE_PREFIX}{_NODE}-{os.getpid()}-{uuid.uuid4().hex[:8]}"


def remove_orphans(stack: Stack, topic_arn: str) -> None:
    """Remove what killed runs of this machine left behind: the stack would deliver to it for ever.

    Queues of runs that are alive, or of other machines, are left alone. A stack that refuses is left as it is.
    """
    try:
        urls = stack.sqs.list_queues(QueueNamePrefix=f"{QUEUE_PREFIX}{_NODE}-").get("QueueUrls", [])
        orphans = {url.rsplit("/", 1)[-1]: url for url in urls if not _is_alive(url)}
        if not orphans:
            return
        for page in stack.sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic_arn):
            for subscription in page["Subscriptions"]:
                if subscription["Endpoint"].rsplit(":", 1)[-1] in orphans:
                    stack.sns.unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])
        for url in orphans.values():
            stack.sqs.delete_queue(QueueUrl=url)
    except (BotoCoreError, ClientError) as error:
        log.warning("could not remove what a killed run left: %s", error)


@contextmanager
def subscribed_queue(stack: Stack, topic_arn: str, prefix: str) -> Iterator[str]:
    """Create a queue on the topic for messages about orders whose correlation id starts with `prefix`, yield its
    URL, and remove both whatever happens within.

    Raises SetupError if the stack refuses; what was created until then is removed.
    """
    queue_url = subscription = None
    name = queue_name()
    try:
        try:
            queue_url = stack.sqs.create_queue(
                QueueName=name,
                Attributes={"VisibilityTimeout": str(_HIDE_S), "MessageRetentionPeriod": "86400"},
            )["QueueUrl"]
            subscription = _subscribe(stack, topic_arn, queue_url, prefix)
        except (BotoCoreError, ClientError) as error:
            raise SetupError(f"cannot subscribe a queue to {topic_arn}: {error}") from error
        yield queue_url
    finally:
        if subscription is not None:
            _remove(f"subscription {subscription}", lambda: stack.sns.unsubscribe(SubscriptionArn=subscription))
        if queue_url is not None:
            _remove(f"queue {name}", lambda: stack.sqs.delete_queue(QueueUrl=queue_url))


class Probe:
    """Receives from the queue and gives each message's body to `hear`, in greenlets, from `start` to `stop`.

    A failing receive is tried again after a pause and counted in `errors`: what was not heard then may yet be.
    """

    def __init__(self, stack: Stack, queue_url: str, hear: Callable[[dict[str, Any]], None]) -> None:
        self._stack = stack
        self._queue_url = queue_url
        self._hear = hear
        self._receivers: list[gevent.Greenlet[..., None]] = []
        self.received = 0
        self.last_heard = 0.0
        """When a message was last received, on the monotonic clock; 0 before the first."""
        self.errors = 0

    def start(self) -> list[Any]:
        """Begin to receive; return the greenlets that do."""
        self._receivers = [gevent.spawn(self._receive_for_ever) for _ in range(RECEIVERS)]
        return list(self._receivers)

    def stop(self) -> None:
        """Cut the receivers off; a second call does nothing."""
        gevent.killall(self._receivers)
        self._receivers = []

    def _receive_for_ever(self) -> None:
        while True:
            try:
                count = self._receive()
            except (BotoCoreError, ClientError) as error:
                log.debug("the probe could not receive: %s", error)
                self.errors += 1
                gevent.sleep(_PAUSE_AFTER_ERROR_S)
                continue
            if count < BATCH:
                gevent.sleep(GATHER_S)

    def _receive(self) -> int:
        """Fetch one batch, waiting for its first message at most `LONG_POLL_S`; return its size."""
        messages = self._stack.sqs.receive_message(
            QueueUrl=self._queue_url, MaxNumberOfMessages=BATCH, WaitTimeSeconds=LONG_POLL_S
        ).get("Messages", [])
        for message in messages:
            with suppress(ValueError):
                body = json.loads(message["Body"])
                if isinstance(body, dict):
                    self._hear(body)
        self.received += len(messages)
        if messages:
            self.last_heard = time.monotonic()
        if messages and self.received > KEEP:
            self._delete([message["ReceiptHandle"] for message in messages])
        return len(messages)

    def _delete(self, receipts: list[str]) -> None:
        self._stack.sqs.delete_message_batch(
            QueueUrl=self._queue_url,
            Entries=[{"Id": str(i), "ReceiptHandle": receipt} for i, receipt in enumerate(receipts)],
        )


def _subscribe(stack: Stack, topic_arn: str, queue_url: str, prefix: str) -> str:
    attributes = stack.sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])["Attributes"]
    queue_arn = attributes["QueueArn"]
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": queue_arn,
                "Condition": {"ArnEquals": {"aws:SourceArn": topic_arn}},
            }
        ],
    }
    stack.sqs.set_queue_attributes(QueueUrl=queue_url, Attributes={"Policy": json.dumps(policy)})
    wanted = {"stage": list(STAGES), "correlationId": [{"prefix": prefix}]}
    return stack.sns.subscribe(
        TopicArn=topic_arn,
        Protocol="sqs",
        Endpoint=queue_arn,
        Attributes={"RawMessageDelivery": "true", "FilterPolicy": json.dumps(wanted)},
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]


def _is_alive(queue_url: str) -> bool:
    """Whether the process in a queue's name runs; a name of another form is nobody's to judge."""
    pid = queue_url.rsplit("/", 1)[-1].removeprefix(f"{QUEUE_PREFIX}{_NODE}-").split("-")[0]
    return not pid.isdigit() or psutil.pid_exists(int(pid))


def _remove(what: str, remove: Callable[[], object]) -> None:
    """Try to remove it; a stack that has gone meanwhile took it along."""
    try:
        remove()
    except EndpointConnectionError:
        log.debug("the stack has gone, and the %s with it", what)
    except (BotoCoreError, ClientError) as error:
        log.warning("could not remove the %s: %s", what, error)
