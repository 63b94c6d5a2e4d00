"""How many HTTP requests were answered, by what they were for and how they ended."""

import threading
from collections import Counter

from loadstack_engine.front.messages import HttpRequest

_BY_PATH = (
    ("/_aws/execute-api/", "api-gateway"),
    ("/restapis/", "api-gateway"),
    ("/_loadstack", "engine"),
    ("/_localstack/", "localstack"),
    ("/_aws/", "localstack"),
)
_BY_HOST = ((".execute-api.", "api-gateway"), (".lambda-url.", "function-url"))
_AWS = "aws"


class RequestCounts:
    """Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, int]] = Counter()

    def add(self, request: HttpRequest, status: int) -> None:
        key = route_class(request), status
        with self._lock:
            self._counts[key] += 1

    def snapshot(self) -> dict[tuple[str, int], int]:
        """Counts by class of route and status code."""
        with self._lock:
            return dict(self._counts)


def route_class(request: HttpRequest) -> str:
    """``aws`` (operations of services), ``api-gateway``, ``function-url``, ``engine`` or ``localstack``."""
    path = request.path
    if path.startswith(("/_", "/restapis/")):
        for prefix, name in _BY_PATH:
            if path.startswith(prefix):
                return name
    host = request.fields.get("host", "")
    for part, name in _BY_HOST:
        if part in host:
            return name
    return _AWS


REQUESTS = RequestCounts()
