"""Authorizations that are good for a while.

The key begins with API, stage and deployment: what one deployment cached says nothing to the next, as on AWS.
"""

import threading
import time
from collections.abc import Callable

from cachetools import TLRUCache

_MAX_ENTRIES = 10_000

Key = tuple[str | None, ...]


class AuthorizerCache:
    """Thread-safe; the longest unused entry goes when there are too many.

    ``clock`` gives seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._lock = threading.Lock()
        self._entries: TLRUCache[Key, tuple[object, float]] = TLRUCache(
            _MAX_ENTRIES, ttu=lambda _key, entry, now: now + entry[1], timer=clock
        )

    def get(self, key: Key) -> object | None:
        """None where nothing is cached, or no more."""
        with self._lock:
            entry = self._entries.get(key)
        return entry[0] if entry else None

    def put(self, key: Key, value: object, ttl_s: float) -> None:
        with self._lock:
            self._entries[key] = (value, ttl_s)

    def flush(self, api_id: str, stage: str) -> None:
        with self._lock:
            for key in [key for key in self._entries if key[:2] == (api_id, stage)]:
                del self._entries[key]

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()


CACHE = AuthorizerCache()
