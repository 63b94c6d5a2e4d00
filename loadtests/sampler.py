"""Looks once a second at what a run does to the stack and the machine: queues, functions, processors, memory."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any, Final

import gevent
import psutil

from loadtests import queue_looks
from loadtests.looks import FunctionLook, QueueLook, Sample
from loadtests.process_looks import Processes
from loadtests.queue_looks import DEAD_LETTERS, Queues
from loadtests.stack import Stack

INTERVAL_S: Final = 1.0


@dataclass(slots=True)
class Sampler:
    """Samples from `start` to `stop`. `dead_letters` is the increase meanwhile, by the name of the source
    queue.

    A look that fails is left out. Dead-letter queues are counted only at both ends: four requests a second
    less where the engine does not tell of all queues at once.
    """

    stack: Stack
    samples: list[Sample] = field(default_factory=list)
    _queues: Queues | None = None
    _processes: Processes | None = None
    _dead_before: dict[str, QueueLook] = field(default_factory=dict)
    _dead_after: dict[str, QueueLook] = field(default_factory=dict)
    _functions: bool = True
    _greenlet: Any = None

    @property
    def dead_letters(self) -> dict[str, int]:
        """Messages that the run added to each dead-letter queue that was seen at both ends; never below 0, also
        after somebody emptied it.
        """
        return {
            name.removesuffix(DEAD_LETTERS): max(0, after.depth - self._dead_before[name].depth)
            for name, after in self._dead_after.items()
            if name in self._dead_before
        }

    def start(self) -> None:
        """Find the queues and begin to sample."""
        self._queues = queue_looks.find(self.stack)
        self._processes = Processes(self.stack)
        self._dead_before = self._queues.look(dead=True)
        self._functions = self.stack.functions() is not None
        psutil.cpu_percent()
        self._greenlet = gevent.spawn(self._sample_for_ever)

    def stop(self) -> None:
        """Take a last sample and stop; a second call does nothing."""
        if self._greenlet is not None and self._queues is not None:
            self._greenlet.kill()
            self._greenlet = None
            self._sample()
            self._dead_after = self._queues.look(dead=True)

    def _sample_for_ever(self) -> None:
        due = time.monotonic()
        while True:
            self._sample()
            due = max(due + INTERVAL_S, time.monotonic())
            gevent.sleep(due - time.monotonic())

    def _sample(self) -> None:
        queues = self._queues.look(dead=False) if self._queues else {}
        cpu_s, memory_mb = self._processes.look() if self._processes else ({}, {})
        functions = self._look_at_functions()
        self.samples.append(Sample(time.time(), queues, functions, psutil.cpu_percent(), cpu_s, memory_mb))

    def _look_at_functions(self) -> dict[str, FunctionLook]:
        told = (self.stack.functions(percentiles=False) or {}) if self._functions else {}
        return {
            name: FunctionLook(
                concurrency=int(figures.get("recent_concurrency", figures.get("concurrency")) or 0),
                cold_starts=int(figures.get("cold_starts") or 0),
                invocations=int(figures.get("invocations") or 0),
                throttles=int(figures.get("throttles") or 0),
                busy_s=figures.get("duration_s"),
                api_ran_s=figures.get("api_ran_s"),
            )
            for name, figures in told.items()
        }
