"""Token buckets, one for whatever is throttled by itself."""

import threading
import time
from collections.abc import Callable

from cachetools import LRUCache

_MAX_BUCKETS = 10_000

Scope = tuple[str, ...]


class TokenBuckets:
    """A bucket holds up to ``burst`` tokens, gains ``rate`` a second, and a request takes one. Thread-safe.

    A new bucket is full; one whose limits change begins anew. The longest unused goes when there are too many.
    ``clock`` gives seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: LRUCache[tuple[Scope, float, int], tuple[float, float]] = LRUCache(_MAX_BUCKETS)

    def take(self, scope: Scope, rate: float, burst: int) -> bool:
        """Whether there was a token left. ``burst`` 0 never has one."""
        key = (scope, rate, burst)
        with self._lock:
            now = self._clock()
            tokens, since = self._buckets.get(key, (float(burst), now))
            tokens = min(float(burst), tokens + (now - since) * rate)
            taken = tokens >= 1
            self._buckets[key] = (tokens - taken, now)
        return taken

    def clear(self) -> None:
        """All are full again."""
        with self._lock:
            self._buckets.clear()


BUCKETS = TokenBuckets()
