"""Batches of one queue to one function: how many at once, and on which threads."""

import logging
import threading
import time
from collections.abc import Callable

from localstack.services.sqs.models import FifoQueue, SqsQueue

from loadstack_engine.event_sources.clock import CLOCK
from loadstack_engine.event_sources.events import MAX_EVENT_BYTES
from loadstack_engine.event_sources.sqs import queues
from loadstack_engine.event_sources.sqs.delivery import Delivery, Item
from loadstack_engine.event_sources.sqs.mapping import Mapping
from loadstack_engine.event_sources.sqs.scaling import Scaling
from loadstack_engine.event_sources.threads import THREADS
from loadstack_engine.runtime._loadstack_requests import last_part
from loadstack_engine.usage.pollers import POLLERS

LOG = logging.getLogger(__name__)

_MESSAGES_A_RECEIVE = 10


class Dispatcher:
    """Workers take batches off the queue and deliver them; each is a thread for as long as it finds some.

    - Idle: no worker. Whoever sends a message calls :meth:`wake`, which starts one.
    - On its way (``_scout``): one worker was started and has not looked into the queue yet. It will find what is sent
      meanwhile, and starts the next when it leaves something behind. With a batching window it stays the scout until
      its batch is closed.
    - Working: it delivers its batch, then takes the next.
    - Held: the function was not let through (throttled, say); it waits for another worker to finish, or a while.

    There are no more workers than ``Scaling`` allows. After :meth:`stop` none takes or delivers; what was taken and not
    handed over goes back; ``finished`` is called when the last has ended.
    """

    def __init__(self, mapping: Mapping, finished: Callable[[], None]) -> None:
        self._mapping = mapping
        self._finished = finished
        self._delivery = Delivery(mapping, self)
        self._scaling = Scaling(mapping.maximum_concurrency)
        self._lock = threading.Lock()
        self._has_room = threading.Condition(self._lock)
        self._arrived = threading.Event()
        self._queue: SqsQueue | None = None
        self._missing = False
        self._workers = 0
        self._held = 0
        self._scout = False
        self._stopped = False

    def start(self) -> None:
        CLOCK.add(self._second_passed)
        POLLERS.start(self, last_part(self._mapping.queue_arn))
        self._attach()

    def stop(self) -> None:
        CLOCK.remove(self._second_passed)
        with self._lock:
            if self._stopped:
                return
            self._stopped = True
            POLLERS.stop(self)
            queue, self._queue = self._queue, None
            self._has_room.notify_all()
            self._arrived.set()
            ended = not self._workers
        if queue is not None:
            queues.unlisten(queue, self.wake)
        if ended:
            self._finished()

    def forget(self) -> None: ...

    def wake(self) -> None:
        """Something can be received."""
        if self._scout:
            self._arrived.set()
            return
        if self._workers >= self._scaling.limit:
            return
        with self._lock:
            if self._stopped or self._scout or self._workers >= self._scaling.limit:
                return
            self._workers += 1
            self._scout = True
        THREADS.run(self._work)

    def is_stopped(self) -> bool:
        return self._stopped

    def wait(self, seconds: float) -> bool:
        with self._lock:
            self._held += 1
            self._scaling.throttled(self._workers - self._held)
            self._has_room.wait(seconds)
            self._held -= 1
            return not self._stopped

    def function_failed(self) -> None:
        with self._lock:
            self._scaling.function_failed()

    def _work(self) -> None:
        queue = self._queue
        failed = False
        try:
            is_scout = True
            while queue is not None and (batches := self._take(queue, is_scout)):
                is_scout = False
                for batch in batches:
                    self._delivery.deliver(queue, batch)
                with self._lock:
                    self._has_room.notify()
                    if self._workers > self._scaling.limit:
                        break
        except Exception as error:
            failed = True  # the clock wakes the next
            LOG.warning("Messages of %s could not be taken: %s", self._mapping.queue_arn, error)
        finally:
            self._leave(queue, failed)

    def _leave(self, queue: SqsQueue | None, failed: bool) -> None:
        with self._lock:
            self._workers -= 1
            if queue is None:
                self._scout = False  # it was deleted before this one could look
            ended = self._stopped and not self._workers
        if ended:
            self._finished()
        elif queue is not None and not failed and not queues.is_empty(queue):
            self.wake()  # it came while this one left

    def _take(self, queue: SqsQueue, is_scout: bool) -> list[list[Item]]:
        """What to deliver next, a batch or, rarely, several; nothing where nothing is left, or another gathers it."""
        has_window = self._mapping.window_s and not isinstance(queue, FifoQueue)  # FIFO queues have none
        with self._lock:
            if has_window and self._scout and not is_scout:
                return []
            self._scout = bool(has_window)
        try:
            return self._gather(queue) if has_window else self._take_now(queue)
        finally:
            self._scout = False
            if not queues.is_empty(queue):
                self.wake()

    def _take_now(self, queue: SqsQueue) -> list[list[Item]]:
        while not self._stopped and (taken := queues.take(queue, self._mapping.batch_size)):
            if batches := [items for batch in taken if (items := self._delivery.prepare(queue, batch))]:
                return batches  # filters may have left nothing of them
        return []

    def _gather(self, queue: SqsQueue) -> list[list[Item]]:
        """One batch, closed by its size in messages or bytes, or when the window since its first message is over."""
        items: list[Item] = []
        closes: float | None = None
        while not self._stopped:
            self._arrived.clear()
            for batch in queues.take(queue, min(_MESSAGES_A_RECEIVE, self._mapping.batch_size - len(items))):
                items += self._delivery.prepare(queue, batch)
                closes = closes or time.monotonic() + self._mapping.window_s
            size = sum(len(item.record) for item in items)
            if closes is None or len(items) >= self._mapping.batch_size or size >= MAX_EVENT_BYTES:
                break
            left = closes - time.monotonic()
            if left <= 0 or (queues.is_empty(queue) and not self._arrived.wait(left)):
                break
        if self._stopped:
            queues.give_back(queue, [item.received for item in items])
            return []
        return [items] if items else []

    def _second_passed(self) -> None:
        self._attach()
        queue = self._queue
        backlog = queue is not None and not queues.is_empty(queue)
        with self._lock:
            if not self._held:
                self._scaling.second_passed(busy=self._workers, backlog=backlog)
        if backlog:
            self.wake()

    def _attach(self) -> None:
        """Follow the queue's name: it may not exist yet, or have been deleted and created again."""
        found = queues.find(self._mapping.queue_arn)
        if found is None and not self._missing:
            LOG.warning("The queue %s of an event source mapping does not exist", self._mapping.queue_arn)
        self._missing = found is None
        with self._lock:
            if self._stopped or found is self._queue:
                return
            before, self._queue = self._queue, found
            if found is not None:
                queues.listen(found, self.wake)
        if before is not None:
            queues.unlisten(before, self.wake)
        if found is not None and not queues.is_empty(found):
            self.wake()
