"""Records of a shard on their way to the function, in order."""

import threading
import time
from collections import deque
from collections.abc import Callable
from itertools import islice

from loadstack_engine.epoch import EPOCH
from loadstack_engine.event_sources.events import MAX_EVENT_BYTES, fitting
from loadstack_engine.event_sources.streams.records import StreamRecord
from loadstack_engine.event_sources.threads import THREADS


class Lane:
    """Delivers what is added, batch after batch, on a thread that it has for as long as there is something.

    A batch is closed when it is full (``batch_size``, 6 MB) or ``window_s`` after its first record was added;
    ``deliver`` is told when that was (monotonic clock).
    """

    def __init__(
        self,
        batch_size: int,
        window_s: float,
        deliver: Callable[[list[StreamRecord], float], None],
        drained: Callable[[], None],
    ) -> None:
        self._batch_size = batch_size
        self._window_s = window_s
        self._deliver = deliver
        self._drained = drained
        self._changed = threading.Condition()
        self._waiting: deque[tuple[float, StreamRecord]] = deque()
        self._bytes = 0
        self._working = False
        self._stopped = False

    @property
    def is_idle(self) -> bool:
        with self._changed:
            return not self._working

    @property
    def has_room(self) -> bool:
        """Whether less than a batch waits."""
        return len(self._waiting) < self._batch_size and self._bytes < MAX_EVENT_BYTES

    def add(self, records: list[StreamRecord]) -> None:
        now = time.monotonic()
        with self._changed:
            if self._stopped:
                return
            self._waiting.extend((now, record) for record in records)
            self._bytes += sum(len(record.encoded) for record in records)
            self._changed.notify()
            if self._working or not self._waiting:
                return
            self._working = True
        THREADS.run(self._work)

    def stop(self) -> None:
        """Deliver no further batch; what waits is forgotten."""
        with self._changed:
            self._stopped = True
            self._waiting.clear()
            self._bytes = 0
            self._changed.notify()

    def _work(self) -> None:
        try:
            while batch := self._next():
                added, records = batch
                self._deliver(records, added)
                self._drained()
        except BaseException:
            with self._changed:
                self._working = False
            raise
        finally:
            self._drained()

    def _next(self) -> tuple[float, list[StreamRecord]] | None:
        with self._changed:
            while self._waiting and self.has_room:
                left = self._waiting[0][0] + self._window_s - time.monotonic()
                if left <= 0 or self._stopped:
                    break
                self._changed.wait(left)
            self._drop_void()
            if not self._waiting:
                self._working = False
                return None
            added = self._waiting[0][0]
            records = [record for _, record in islice(self._waiting, self._batch_size)]
            count = fitting([len(record.encoded) for record in records])
            for _ in range(count):
                self._remove_first()
            return added, records[:count]

    def _drop_void(self) -> None:
        while self._waiting and EPOCH.is_over_for(self._waiting[0][0]):
            self._remove_first()

    def _remove_first(self) -> None:
        _, record = self._waiting.popleft()
        self._bytes -= len(record.encoded)
