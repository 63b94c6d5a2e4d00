"""What whoever uses the sandbox should know and would not see: shown by ``/_loadstack/health``, and logged."""

import logging
import threading
from collections import deque
from datetime import UTC, datetime

LOG = logging.getLogger(__name__)

_KEPT = 20


class Notices:
    """The newest twenty. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._notices: deque[dict[str, str]] = deque(maxlen=_KEPT)

    def add(self, message: str) -> None:
        """Tell it now; the log gets it as a warning."""
        LOG.warning(message)
        at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        with self._lock:
            self._notices.append({"at": at, "message": message})

    def as_list(self) -> list[dict[str, str]]:
        """``{at, message}``, the oldest first; ``at`` in ISO 8601 UTC."""
        with self._lock:
            return list(self._notices)


NOTICES = Notices()
