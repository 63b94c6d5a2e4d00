"""Looks at the stack's queues: through the engine's route, all in one answer, or one by one through SQS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from loadtests.looks import QueueLook
from loadtests.probe import QUEUE_PREFIX
from loadtests.stack import Stack

DEAD_LETTERS: Final = "-dlq"
ROUTE: Final = "/_loadstack/queues"

_DEPTH: Final = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)


class Queues(Protocol):
    """The queues of one stack, the harness's own left out."""

    def look(self, *, dead: bool) -> dict[str, QueueLook]:
        """The dead-letter queues, or the others, by name. A queue that does not answer is missing; never raises."""


def find(stack: Stack) -> Queues:
    """The way to look at this stack's queues: those that it has now, none if it does not answer."""
    try:
        pages = stack.sqs.get_paginator("list_queues").paginate()
        urls = [url for page in pages for url in page.get("QueueUrls", [])]
    except (BotoCoreError, ClientError):
        urls = []
    named = {url.rsplit("/", 1)[-1]: url for url in urls}
    shown = {name: url for name, url in named.items() if not name.startswith(QUEUE_PREFIX)}
    return EngineQueues(stack, shown) if stack.route(ROUTE) is not None else SqsQueues(stack, shown)


class EngineQueues:
    """One request for all queues, with the ages of their oldest messages."""

    def __init__(self, stack: Stack, urls: Mapping[str, str]) -> None:
        self._stack = stack
        self._places = {(url.rsplit("/", 2)[-2], name) for name, url in urls.items()}

    def look(self, *, dead: bool) -> dict[str, QueueLook]:
        """See `Queues`."""
        told = self._stack.route(ROUTE) or {}
        region = self._stack.sqs.meta.region_name
        return {
            each["name"]: _look(each)
            for each in told.get("queues", ())
            if each["region"] == region and (each["account"], each["name"]) in self._places
            if each["name"].endswith(DEAD_LETTERS) == dead
        }


class SqsQueues:
    """A request for each queue, which any AWS endpoint answers. SQS does not tell ages."""

    def __init__(self, stack: Stack, urls: Mapping[str, str]) -> None:
        self._stack = stack
        self._urls = urls

    def look(self, *, dead: bool) -> dict[str, QueueLook]:
        """See `Queues`. The first that does not answer ends the look: a stack that hangs is not asked for each."""
        found: dict[str, QueueLook] = {}
        try:
            for name, url in self._urls.items():
                if name.endswith(DEAD_LETTERS) == dead:
                    found[name] = self._look(url)
        except (BotoCoreError, ClientError):
            pass  # what was found until then is worth telling
        return found

    def _look(self, url: str) -> QueueLook:
        told = self._stack.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(_DEPTH))["Attributes"]
        return QueueLook(sum(int(told.get(name, 0)) for name in _DEPTH))


def _look(told: Mapping[str, Any]) -> QueueLook:
    depth = told["visible"] + told["in_flight"] + told["delayed"]
    feeds = bool(told["feeds"]) if "feeds" in told else None
    return QueueLook(depth, round(told["oldest_age_s"] or 0.0, 3), feeds)
