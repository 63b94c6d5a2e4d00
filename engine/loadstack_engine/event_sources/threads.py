"""Threads for work that blocks: as many as work at once, kept for a while when idle, shared by all mappings."""

import logging
import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue

LOG = logging.getLogger(__name__)


class Threads:
    """Runs calls at once, each on a thread of its own; there is no bound, whoever calls keeps one.

    A ``ThreadPoolExecutor`` keeps as many threads as it ever needed; here one that finds nothing to do for ``idle_s``
    seconds ends. They are daemons: LocalStack's end does not wait for them.
    """

    def __init__(self, name: str, idle_s: float = 20.0) -> None:
        self._name = name
        self._idle_s = idle_s
        self._idle = threading.Semaphore(0)
        self._calls: SimpleQueue[Callable[[], object]] = SimpleQueue()

    def run(self, call: Callable[[], object]) -> None:
        self._calls.put(call)
        if not self._idle.acquire(blocking=False):
            threading.Thread(target=self._serve, name=self._name, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                call = self._calls.get(timeout=self._idle_s)
            except Empty:
                if self._idle.acquire(blocking=False):
                    return
                continue  # run() counts on this thread: its call is about to come
            try:
                call()
            except Exception:
                LOG.exception("%s failed", self._name)
            self._idle.release()


THREADS = Threads("event-source")
