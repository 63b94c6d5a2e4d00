"""Answers onto a connection."""

import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from http import HTTPStatus
from socket import socket

from werkzeug.http import http_date

from loadstack_engine.front.messages import HttpRequest

# Below this, the head and the body go out in one call; above, copying would cost more than a second one.
_JOIN_BYTES = 256 * 1024
# https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1: the connection's own, which an application does not set.
_OURS = frozenset({"connection", "keep-alive", "transfer-encoding", "server", "date"})

Headers = Iterable[tuple[str, str]]


class ClientGoneError(Exception):
    """The client closed the connection, or takes nothing any more. Not an ``OSError``: applications raise those too."""


class ResponseWriter:
    """Writes the answer to one request.

    ``begin`` keeps the head back until the first bytes of the body or the end, ``write`` sends as it is called, ``end``
    finishes. A body without ``Content-Length`` goes out chunked; to an HTTP/1.0 client until the connection closes.
    ``keep_alive`` tells after ``end`` whether the connection is in a state for another request; it is not where
    ``is_stopping`` says so. ``status`` is the code of the answer, 0 before there is one.
    """

    def __init__(self, connection: socket, request: HttpRequest, is_stopping: Callable[[], bool]) -> None:
        self.started = False
        self.status = 0
        self.keep_alive = request.keep_alive
        self._is_stopping = is_stopping
        self._connection = connection
        self._request = request
        self._head = b""
        self._chunked = False
        self._bodiless = False
        self._left: int | None = None

    def begin(self, status: int, reason: str, headers: Headers) -> None:
        self.status = status
        length = None
        lines = [f"HTTP/1.1 {status} {reason}\r\nServer: loadstack\r\nDate: {_date(int(time.time()))}\r\n"]
        for name, value in headers:
            lower = name.lower()
            if lower in _OURS:
                self.keep_alive = self.keep_alive and not (lower == "connection" and value.lower() == "close")
                continue
            if lower == "content-length":
                length = int(value)
            lines.append(f"{name}: {value}\r\n")
        self._bodiless = self._request.method == "HEAD" or status in (204, 304) or status < 200
        self._left = None if self._bodiless else length
        unknown = length is None and not self._bodiless
        self._chunked = unknown and self._request.version == "1.1"
        self.keep_alive = self.keep_alive and not self._is_stopping() and (self._chunked or not unknown)
        if self._chunked:
            lines.append("Transfer-Encoding: chunked\r\n")
        if not self.keep_alive:
            lines.append("Connection: close\r\n")
        elif self._request.version == "1.0":
            lines.append("Connection: keep-alive\r\n")  # else such a client waits for the end: RFC 9112, C.2.2
        lines.append("\r\n")
        self._head = "".join(lines).encode("latin-1")

    def write(self, data: bytes) -> None:
        """Send some of the body; an answer that has none (to ``HEAD``) drops it."""
        if not data or self._bodiless:
            return
        if self._left is not None:
            self._left -= len(data)
        if self._chunked:
            self._send(b"%x\r\n" % len(data), data, b"\r\n")
        else:
            self._send(data)

    def end(self) -> None:
        if self._chunked:
            self._send(b"0\r\n\r\n")
        elif not self.started:
            self._send()
        if self._left:
            self.keep_alive = False  # not as long as it said: the client cannot tell where the next one begins

    def whole(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        """A whole answer at once."""
        if status not in (204, 304):
            headers = [*headers, ("Content-Length", str(len(body)))]
        self.begin(status, _reason(status), headers)
        self.write(body)
        self.end()

    def _send(self, *parts: bytes) -> None:
        """
        Raises:
            ClientGoneError: see there.
        """
        head, self._head = self._head, b""
        self.started = True
        small = sum(map(len, parts)) <= _JOIN_BYTES
        try:
            for part in (head + b"".join(parts),) if small else (head, *parts):
                self._connection.sendall(part)
        except OSError as error:
            raise ClientGoneError(str(error)) from error


def send_iterable(writer: ResponseWriter, body: Iterable[bytes]) -> None:
    """Send what a WSGI application returned, each part as it comes; closes it however that ends."""
    try:
        for part in body:
            writer.write(part)
        writer.end()
    finally:
        close: Callable[[], None] | None = getattr(body, "close", None)
        if close is not None:
            close()


@lru_cache(maxsize=2)
def _date(second: int) -> str:
    return http_date(second)


@lru_cache(maxsize=128)
def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
