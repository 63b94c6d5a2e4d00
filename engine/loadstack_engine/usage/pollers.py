"""How long queues were polled: Lambda's pollers wait at a queue, with a message or without.

Here nobody polls; so the empty receives are those that a queue without messages would have seen in that time, with five
pollers and 20 s a poll (assumed). A mapping begins with five, and SQS's longest poll is 20 s:
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html and
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html. How long
Lambda's polls wait AWS does not say; shorter ones, or more pollers, are more.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Hashable

from loadstack_engine.settings import SETTINGS

EMPTY_RECEIVES_A_SECOND = 5 / 20


class Pollers:
    """Seconds of polling by queue, from when a mapping is enabled until it is not any more. Thread-safe; none where it
    is not ``on``.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic, *, on: bool = True) -> None:
        self._now = now
        self._on = on
        self._lock = threading.Lock()
        self._since: dict[Hashable, tuple[str, float]] = {}
        self._seconds: Counter[str] = Counter()

    def start(self, poller: Hashable, queue: str) -> None:
        if self._on:
            with self._lock:
                self._since[poller] = queue, self._now()

    def stop(self, poller: Hashable) -> None:
        """Does nothing where it does not run."""
        with self._lock:
            queue, since = self._since.pop(poller, ("", 0.0))
            if queue:
                self._seconds[queue] += self._now() - since  # type: ignore[assignment]  # seconds have fractions

    def clear(self) -> None:
        """Count anew from now."""
        with self._lock:
            self._seconds.clear()
            self._since = {poller: (queue, self._now()) for poller, (queue, _) in self._since.items()}

    def seconds(self) -> dict[str, float]:
        with self._lock:
            seconds: Counter[str] = Counter(self._seconds)
            for queue, since in self._since.values():
                seconds[queue] += self._now() - since  # type: ignore[assignment]
            return dict(seconds)


POLLERS = Pollers(on=SETTINGS.usage)
