"""A werkzeug request that is built where somebody looks at it: most operations look at a header at most."""

from typing import Any

from werkzeug.datastructures import Headers
from werkzeug.wrappers import Request

from loadstack_engine.front.general import environ_of
from loadstack_engine.front.messages import HttpRequest


class _Headers(Headers):
    """werkzeug's make an exception for a page with 400 of every header that is not there, and drop it."""

    def get(self, key: str, default: Any = None, type: Any = None) -> Any:  # type: ignore[override]
        return default if key not in self else super().get(key, default, type)

    def __contains__(self, key: object) -> bool:
        wanted = str(key).lower()
        return any(name.lower() == wanted for name, _ in self._list)


class LazyRequest(Request):
    """What LocalStack's handlers get of this request, with ``added`` headers.

    The headers are made when they are first asked for, everything else (40 µs) when anything else is.
    """

    def __init__(self, request: HttpRequest, added: tuple[tuple[str, str], ...] = ()) -> None:
        self._received = request
        self._added = added

    def __getattr__(self, name: str) -> Any:
        """Called for what is not there yet."""
        if name == "headers":
            self.headers = _Headers()
            self.headers._list = [*self._received.headers, *self._added]
            return self.headers
        if name.startswith("_") or "environ" in self.__dict__:
            raise AttributeError(name)
        headers = self.headers
        super().__init__(environ_of(self._received))
        self.headers = headers
        return getattr(self, name)
