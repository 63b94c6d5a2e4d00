"""Looks once a second at what a run does to the stack and the machine: queue depths, processor, functions."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any, Final

import gevent
import psutil
from botocore.exceptions import BotoCoreError, ClientError

from loadtests.probe import QUEUE_PREFIX
from loadtests.stack import Stack

INTERVAL_S: Final = 1.0
DEAD_LETTERS: Final = "-dlq"

_DEPTH: Final = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)


@dataclass(frozen=True, slots=True)
class Sample:
    """One look. `depths`: messages by queue, visible, in flight and delayed; `cpu_percent` of the whole
    machine here.

    `concurrency`: invocations at that moment, by function; empty where the engine does not tell.
    """

    at: float
    depths: dict[str, int]
    cpu_percent: float
    concurrency: dict[str, int]


@dataclass(slots=True)
class Sampler:
    """Samples from `start` to `stop`. `dead_letters` is the increase meanwhile, by the name of the source
    queue.

    A look that fails is left out. Dead-letter queues are counted only at both ends: four requests a second
    less.
    """

    stack: Stack
    samples: list[Sample] = field(default_factory=list)
    _queues: dict[str, str] = field(default_factory=dict)
    _dead_before: dict[str, int] = field(default_factory=dict)
    _dead_after: dict[str, int] = field(default_factory=dict)
    _functions: bool = True
    _greenlet: Any = None

    @property
    def dead_letters(self) -> dict[str, int]:
        """Messages that the run added to each dead-letter queue; never below 0, also after somebody emptied
        it.
        """
        return {
            name.removesuffix(DEAD_LETTERS): max(0, after - self._dead_before.get(name, 0))
            for name, after in self._dead_after.items()
        }

    def start(self) -> None:
        """Find the queues and begin to sample."""
        self._queues = self._find_queues()
        self._dead_before = self._depths(dead=True)
        self._functions = self.stack.functions() is not None
        psutil.cpu_percent()
        self._greenlet = gevent.spawn(self._sample_for_ever)

    def stop(self) -> None:
        """Take a last sample and stop; a second call does nothing."""
        if self._greenlet is not None:
            self._greenlet.kill()
            self._greenlet = None
            self._sample()
            self._dead_after = self._depths(dead=True)

    def _sample_for_ever(self) -> None:
        due = time.monotonic()
        while True:
            self._sample()
            due = max(due + INTERVAL_S, time.monotonic())
            gevent.sleep(due - time.monotonic())

    def _sample(self) -> None:
        functions = (self.stack.functions() or {}) if self._functions else {}
        concurrency = {name: int(figures.get("concurrency") or 0) for name, figures in functions.items()}
        depths = self._depths(dead=False)
        self.samples.append(Sample(time.time(), depths, psutil.cpu_percent(), concurrency))

    def _find_queues(self) -> dict[str, str]:
        try:
            pages = self.stack.sqs.get_paginator("list_queues").paginate()
            urls = [url for page in pages for url in page.get("QueueUrls", [])]
        except (BotoCoreError, ClientError):
            return {}
        named = {url.rsplit("/", 1)[-1]: url for url in urls}
        return {name: url for name, url in named.items() if not name.startswith(QUEUE_PREFIX)}

    def _depths(self, *, dead: bool) -> dict[str, int]:
        chosen = {name: url for name, url in self._queues.items() if name.endswith(DEAD_LETTERS) == dead}
        depths = {name: self._depth(url) for name, url in chosen.items()}
        return {name: depth for name, depth in depths.items() if depth is not None}

    def _depth(self, url: str) -> int | None:
        try:
            attributes = self.stack.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(_DEPTH))["Attributes"]
        except (BotoCoreError, ClientError):
            return None
        return sum(int(attributes.get(name, 0)) for name in _DEPTH)
