"""Asynchronous invocations: a queue for each function version, and threads for all of them together.

Stock LocalStack has an SQS queue and a polling thread for each version. Retries, ages and back-off are AWS's:
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

import heapq
import itertools
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from localstack import config
from localstack.services.lambda_.invocation import lambda_service
from localstack.services.lambda_.invocation.lambda_models import EventInvokeConfig, Invocation, InvocationResult
from localstack.services.lambda_.invocation.version_manager import LambdaVersionManager

from loadstack_engine.destinations import Outcome, deliver
from loadstack_engine.epoch import EPOCH
from loadstack_engine.settings import SETTINGS

LOG = logging.getLogger(__name__)

_MAX_AGE_S = 6 * 60 * 60
_MAX_RETRIES = 2
_MAX_BACK_OFF_S = 5 * 60
_IDLE_THREAD_S = 5.0


@dataclass
class Event:
    """One invocation that was accepted; ``attempts`` is how often the function ran for it and failed."""

    invocation: Invocation
    accepted: float = field(default_factory=time.monotonic)
    attempts: int = 0

    @property
    def age_s(self) -> float:
        return time.monotonic() - self.accepted


@dataclass(eq=False)
class Queue:
    """The events of one function version, in the order they came.

    While it is throttled nothing is taken from it until the back-off is over, or one of its invocations is.
    """

    manager: LambdaVersionManager
    events: deque[Event] = field(default_factory=deque)
    running: int = 0
    throttled: bool = False
    refusals: int = 0
    closed: bool = False


class Dispatcher:
    """Runs events with at most ``max_threads`` threads, one queue after the other; an idle thread ends after 5 s.

    A queue has half of them at most, so that one slow function does not hold up the events of all others.

    ``handle`` runs one event, and returns the seconds after which the queue may be tried again where the event was
    refused (it stays the first of its queue), or None.
    """

    def __init__(self, max_threads: int, handle: Callable[[Queue, Event], float | None]) -> None:
        self._max_threads = max_threads
        self._most_a_queue = max(1, max_threads // 2)
        self._handle = handle
        self._changed = threading.Condition()
        self._ready: deque[Queue] = deque()
        self._delayed: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._threads = 0
        self._idle = 0
        self._timer: threading.Thread | None = None
        self._due = threading.Condition()

    def put(self, queue: Queue, event: Event) -> None:
        """Run it as soon as a thread is free."""
        with self._changed:
            queue.events.append(event)
            self._offer(queue)

    def put_later(self, queue: Queue, event: Event, delay_s: float) -> None:
        """Put it after so many seconds."""
        self._later(delay_s, lambda: self.put(queue, event))

    def close(self, queue: Queue) -> None:
        """Drop what is queued."""
        with self._changed:
            queue.closed = True
            queue.events.clear()

    def clear(self, queue: Queue) -> None:
        """Drop what is queued; what comes next waits for no back-off."""
        with self._changed:
            queue.events.clear()
            queue.refusals = 0
            self._resume(queue)

    def _offer(self, queue: Queue) -> None:
        """The queue may have work: it is one more entry for each event, as several may run at once."""
        if queue.throttled or queue.closed:
            return
        self._ready.append(queue)
        if len(self._ready) <= self._idle:
            self._changed.notify()
        elif self._threads < self._max_threads:
            self._threads += 1
            threading.Thread(target=self._work, daemon=True, name="lambda-event").start()

    def _work(self) -> None:
        while (found := self._next()) is not None:
            queue, event = found
            try:
                refused_s = self._handle(queue, event)
            except Exception as error:
                LOG.error("An event of %s was lost: %s", queue.manager.function_arn, error)
                refused_s = None
            with self._changed:
                queue.running -= 1
                if refused_s is None:
                    queue.refusals = 0
                    self._resume(queue)
                else:
                    self._put_back(queue, event, refused_s)
                if queue.events:  # one that found the queue's threads all busy may have been passed over
                    self._offer(queue)

    def _put_back(self, queue: Queue, event: Event, refused_s: float) -> None:
        """Events that were refused side by side are one refusal: the first one's back-off holds."""
        if queue.closed:
            return
        queue.events.appendleft(event)
        if not queue.throttled:
            queue.throttled = True
            queue.refusals += refused_s > 0
            self._later(refused_s, partial(self._resume_later, queue))

    def _next(self) -> tuple[Queue, Event] | None:
        """None: this thread has been idle for long."""
        with self._changed:
            while True:
                while self._ready:
                    queue = self._ready.popleft()
                    if queue.events and not queue.throttled and queue.running < self._most_a_queue:
                        queue.running += 1
                        return queue, queue.events.popleft()
                self._idle += 1
                told = self._changed.wait(_IDLE_THREAD_S)
                self._idle -= 1
                if not told and not self._ready:
                    self._threads -= 1
                    return None

    def _resume(self, queue: Queue) -> None:
        if queue.throttled:
            queue.throttled = False
            for _ in queue.events:
                self._offer(queue)

    def _resume_later(self, queue: Queue) -> None:
        with self._changed:
            self._resume(queue)

    def _later(self, delay_s: float, act: Callable[[], None]) -> None:
        with self._due:
            heapq.heappush(self._delayed, (time.monotonic() + delay_s, next(self._order), act))
            if self._timer is None:
                self._timer = threading.Thread(target=self._act_when_due, daemon=True, name="lambda-event-timer")
                self._timer.start()
            self._due.notify()

    def _act_when_due(self) -> None:
        """Ends when nothing is left."""
        while True:
            with self._due:
                if not self._delayed:
                    self._timer = None
                    return
                wait_s = self._delayed[0][0] - time.monotonic()
                if wait_s > 0:
                    self._due.wait(wait_s)
                    continue
                _, _, act = heapq.heappop(self._delayed)
            act()


def handle(queue: Queue, event: Event) -> float | None:
    """Run one event: see :class:`Dispatcher`. A failed one comes again later, or goes where failures go."""
    if EPOCH.is_over_for(event.accepted):
        return None
    manager = queue.manager
    settings = _event_invoke_config(manager, event.invocation)
    try:
        result = manager.invoke(invocation=event.invocation)
    except Exception as error:
        return _refused(queue, manager, event, settings, error)
    event.attempts += 1
    if EPOCH.is_over_for(event.accepted):
        return None
    if not result.is_error:
        _deliver(manager, event, settings, "Success", result)
        return None
    delay_s = event.attempts * config.LAMBDA_RETRY_BASE_DELAY_SECONDS
    retries = settings.maximum_retry_attempts if settings else None
    if manager.function.reserved_concurrent_executions == 0:
        _deliver(manager, event, settings, "ZeroReservedConcurrency", result)
    elif event.attempts > (_MAX_RETRIES if retries is None else retries):
        _deliver(manager, event, settings, "RetriesExhausted", result)
    elif event.age_s + delay_s > _max_age_s(settings):
        _deliver(manager, event, settings, "EventAgeExceeded", result)
    else:
        DISPATCHER.put_later(queue, event, delay_s)
    return None


def _refused(
    queue: Queue, manager: LambdaVersionManager, event: Event, settings: EventInvokeConfig | None, error: Exception
) -> float | None:
    """Throttled, or a fault of the platform's: the function did not run."""
    if queue.closed or EPOCH.is_over_for(event.accepted):
        return None
    if queue.manager is not manager:
        return 0.0  # an update came between
    LOG.debug("An event of %s has to wait: %s", manager.function_arn, error)
    if manager.function.reserved_concurrent_executions == 0:
        _deliver(manager, event, settings, "ZeroReservedConcurrency", None)
        return None
    back_off_s = float(min(2**queue.refusals, _MAX_BACK_OFF_S))
    if event.age_s + back_off_s > _max_age_s(settings):
        _deliver(manager, event, settings, "EventAgeExceeded", None)
        return None
    return back_off_s


def _deliver(
    manager: LambdaVersionManager,
    event: Event,
    settings: EventInvokeConfig | None,
    condition: str,
    result: InvocationResult | None,
) -> None:
    deliver(Outcome(manager.function_version, event.invocation, condition, event.attempts, result), settings)


def _event_invoke_config(manager: LambdaVersionManager, invocation: Invocation) -> EventInvokeConfig | None:
    """That of the alias or version that was invoked, or else of the version that ran."""
    configurations = manager.function.event_invoke_configs
    _, _, invoked = invocation.invoked_arn.partition(":function:")[2].partition(":")
    return configurations.get(invoked) or configurations.get(manager.function_version.id.qualifier)


def _max_age_s(settings: EventInvokeConfig | None) -> float:
    configured = settings.maximum_event_age_in_seconds if settings else None
    return _MAX_AGE_S if configured is None else float(configured)


class EventManager:
    """What LocalStack asks of a version's event manager. An updated version takes over the queue of its former self."""

    def __init__(self, version_manager: LambdaVersionManager) -> None:
        self._manager = version_manager
        self._key = (version_manager.function_arn, version_manager.function.instance_id)
        self._queue: Queue | None = None

    def enqueue_event(self, invocation: Invocation) -> None:
        assert self._queue is not None
        DISPATCHER.put(self._queue, Event(invocation))

    def start(self) -> None:
        self._queue = _queues.setdefault(self._key, Queue(self._manager))
        self._queue.manager = self._manager

    def stop_for_update(self) -> None:
        """The queue is the successor's by now."""

    def stop(self) -> None:
        """The version is deleted, or LocalStack ends."""
        queue = _queues.pop(self._key, None)
        if queue is not None:
            DISPATCHER.close(queue)


_queues: dict[tuple[str, str], Queue] = {}
# Half of the places are left to those who wait for an answer.
DISPATCHER = Dispatcher(max(1, SETTINGS.max_environments // 2), handle)


def forget_events() -> None:
    """Of all versions, at a reset; retries that wait are dropped when they are due."""
    for queue in list(_queues.values()):
        DISPATCHER.clear(queue)


def use() -> None:
    """Queue the events of every version that is created or updated from now on this way."""
    lambda_service.LambdaEventManager = EventManager
