"""Requests out of the bytes of one connection, through llhttp (httptools)."""

from collections import deque
from collections.abc import Callable
from urllib.parse import urlsplit

import httptools

from loadstack_engine.front.messages import Body, HttpRequest

_MAX_HEADER_BYTES = 128 * 1024
_MAX_IN_MEMORY_BYTES = 16 * 1024 * 1024


class BadRequestError(Exception):
    """The client sent no HTTP that we take; ``status`` is the answer, after which the connection closes."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class RequestParser:
    """Feed it what was received; ``requests`` has those that are whole, in the order in which they came.

    ``on_continue`` is called when a client waits for ``100 Continue`` before it sends its body. An ``Upgrade`` is not
    taken up: such a request is one like any other (RFC 9110, 7.8).
    """

    def __init__(self, on_continue: Callable[[], None]) -> None:
        self.requests: deque[HttpRequest] = deque()
        self._on_continue = on_continue
        self._parser = httptools.HttpRequestParser(self)
        self._request = HttpRequest()
        self._url = b""
        self._body: Body | None = None
        self._in_headers = False
        self._header_bytes = 0

    def feed(self, data: bytes) -> None:
        """What is whole before the error is in ``requests`` all the same.

        Raises:
            BadRequestError: what came is malformed, or its headers are over 128 kB.
        """
        while data:
            try:
                self._parser.feed_data(data)
                break
            except httptools.HttpParserUpgrade as upgrade:
                data = self._without_upgrade() + data[upgrade.args[0] :]
            except httptools.HttpParserCallbackError as error:
                raise BadRequestError(400, f"The request could not be read: {error.__context__}") from error
            except httptools.HttpParserError as error:
                raise BadRequestError(400, f"Malformed request: {error}") from error
        if self._in_headers:
            self._limit_headers(len(data))

    def close(self) -> None:
        """Drop the file of a body that did not arrive whole."""
        if self._body is not None:
            self._body.close()

    def _without_upgrade(self) -> bytes:
        """The head of the last request, to be read again: llhttp gave up on its body for the sake of the upgrade.

        Raises:
            BadRequestError: it is a ``CONNECT``, which nothing here tunnels.
        """
        request = self.requests.pop()
        if request.method == "CONNECT":
            raise BadRequestError(501, "CONNECT is not served")
        self._parser = httptools.HttpRequestParser(self)
        kept = [f"{name}: {value}" for name, value in request.headers if name.lower() not in ("upgrade", "expect")]
        return "\r\n".join([f"{request.method} {request.target} HTTP/1.1", *kept, "\r\n"]).encode("latin-1")

    def _limit_headers(self, size: int) -> None:
        """llhttp has no limit, and keeps a header to itself until it is whole: so what was fed is counted."""
        self._header_bytes += size
        if self._header_bytes > _MAX_HEADER_BYTES:
            raise BadRequestError(431, "The headers are too large")

    # What httptools calls:

    def on_message_begin(self) -> None:
        self._request = HttpRequest()
        self._url = b""
        self._body = None
        self._in_headers = True
        self._header_bytes = 0

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._in_headers:
            return  # a trailer of a chunked body
        request = self._request
        key, text = name.decode("latin-1"), value.decode("latin-1")
        request.headers.append((key, text))
        key = key.lower()
        request.fields[key] = f"{request.fields[key]},{text}" if key in request.fields else text

    def on_headers_complete(self) -> None:
        self._in_headers = False
        request = self._request
        request.target = self._url.decode()
        if not request.target.startswith("/"):
            urlsplit(request.target)  # an absolute one: raises where it is none
        request.method = self._parser.get_method().decode("latin-1")
        request.version = self._parser.get_http_version()
        if request.fields.get("expect", "").lower() == "100-continue" and request.version == "1.1":
            self._on_continue()

    def on_body(self, chunk: bytes) -> None:
        if self._body is None:
            self._body = Body(_MAX_IN_MEMORY_BYTES)
        self._body.add(chunk)

    def on_message_complete(self) -> None:
        request = self._request
        request.keep_alive = self._parser.should_keep_alive()
        if self._body is not None:
            request.content, request.spooled = self._body.finish()
            self._body = None
        self.requests.append(request)
