"""Sending a request of botocore's over a connection that is open, without the layers that most requests do not need.

Only what is plain goes this way: HTTP without TLS and proxies, bytes as the body, an answer that is read at once, a
connection that has been used before. urllib3 opens connections, keeps them and sends all else. The bytes that are sent,
the answer and the exceptions are urllib3's; Python's own parser reads an answer that is not plain.
"""

import contextlib
import http.client
import io
import logging
import os
import re
import socket
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from _loadstack_http_headers import is_name, plain

_TARGET = re.compile(r"/[A-Za-z0-9/._~-]*")
_STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) [^\r\n]*\r\n")
_FOLD = re.compile(r"(?:\r\n|\r|\n)[ \t]+")
_CHUNK = 1 << 16
_BODILESS = frozenset({204, 304})
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_METHODS = _WITH_BODY | {"GET", "DELETE"}
_LOG = logging.getLogger("urllib3.connectionpool")


class _Answer(NamedTuple):
    status: int
    headers: list[tuple[str, str]]
    content: bytes
    keeps_alive: bool


def make_send(original: Callable[[Any, Any], Any], module: Any) -> Callable[[Any, Any], Any]:
    """``URLLib3Session.send`` for ``botocore.httpsession``."""
    sending = _Sending(module)

    def send(self: Any, request: Any) -> Any:
        head = sending.head(self, request)
        answer = sending.exchange(self, request, head) if head is not None else None
        return original(self, request) if answer is None else answer

    return send


class _Sending:
    def __init__(self, module: Any) -> None:
        self._module = module
        from urllib3 import HTTPHeaderDict, HTTPResponse

        class Response(module.botocore.awsrequest.AWSResponse):
            """Makes urllib3's response for who asks for it: it has been read to its end."""

            _raw: Any = None

            @property
            def raw(self) -> Any:
                if self._raw is None:
                    headers = HTTPHeaderDict(self.headers)
                    self._raw = HTTPResponse(
                        io.BytesIO(), headers, self.status_code, preload_content=False, decode_content=False
                    )
                return self._raw

            @raw.setter
            def raw(self, value: Any) -> None:
                self._raw = value

        self._response = Response

    def head(self, session: Any, request: Any) -> bytes | None:
        """The request's first bytes; None for a request that is not plain."""
        if (
            request.stream_output
            or not request.url.startswith("http://")
            or request.method not in _METHODS
            or not (request.body is None or type(request.body) is bytes)
            or type(session._timeout) is not self._module.Timeout
            or session._get_request_timeout(request) is not None
            or session._proxy_config.proxy_url_for(request.url) is not None
            or os.environ.get("BOTO_EXPERIMENTAL__ADD_PROXY_HOST_HEADER")
            or _LOG.isEnabledFor(logging.DEBUG)
        ):
            return None
        target = session._path_url(request.url)
        lines = _header_lines(request) if _TARGET.fullmatch(target) else None
        return None if lines is None else f"{request.method} {target} HTTP/1.1\r\n".encode("ascii") + lines

    def exchange(self, session: Any, request: Any, head: bytes) -> Any:
        """Send it and read the answer; None, with nothing sent, where no connection is open."""
        pool = session._manager.connection_from_url(request.url)
        connection = pool._get_conn()
        if connection.sock is None or type(connection.sock) is not socket.socket:
            pool._put_conn(connection)
            return None
        pool.num_requests += 1
        connect_s, read_s = session._timeout.connect_timeout, session._timeout.read_timeout
        answer = None
        try:
            connection.sock.settimeout(connect_s)
            _send(connection.sock, head.replace(b"\r\n", _host_lines(connection), 1) + (request.body or b""))
            connection.sock.settimeout(read_s)
            answer = _receive(connection.sock, request.method)
        except _BrokenError as broken:
            raise self._failure(request, pool, broken, session._path_url(request.url), read_s) from broken.__cause__
        finally:
            if answer is None or not answer.keeps_alive:
                connection.close()
            pool._put_conn(connection if answer is not None else None)
        return self._made(request, answer)

    def _made(self, request: Any, answer: _Answer) -> Any:
        headers: dict[str, tuple[str, str]] = {}
        for name, value in answer.headers:
            first, before = headers.get(name.lower(), (name, None))
            headers[name.lower()] = first, value if before is None else f"{before}, {value}"
        made = self._response(request.url, answer.status, dict(headers.values()), None)
        made._content = answer.content
        return made

    def _failure(self, request: Any, pool: Any, broken: "_BrokenError", target: str, read_s: float | None) -> Exception:
        """What botocore makes of what urllib3 makes of it."""
        module, cause = self._module, broken.__cause__
        failure: Exception
        if isinstance(cause, TimeoutError) and broken.phase != "send":
            in_head = broken.phase == "head"
            words = f"Read timed out. (read timeout={read_s})" if in_head else "Read timed out."
            timed_out = module.URLLib3ReadTimeoutError(pool, target if in_head else None, words)
            failure = module.ReadTimeoutError(endpoint_url=request.url, error=timed_out)
        else:
            words = f"Connection broken: {cause!r}" if broken.phase == "body" else "Connection aborted."
            closed = module.ProtocolError(words, cause)
            failure = module.ConnectionClosedError(error=closed, request=request, endpoint_url=request.url)
        return failure


class _BrokenError(Exception):
    """The connection broke, for the reason that is its cause, in a ``phase``: ``send``, ``head`` or ``body``."""

    def __init__(self, phase: str) -> None:
        super().__init__(phase)
        self.phase = phase


@contextlib.contextmanager
def _phase(name: str) -> Iterator[None]:
    try:
        yield
    except (OSError, http.client.HTTPException) as error:
        raise _BrokenError(name) from error


def _header_lines(request: Any) -> bytes | None:
    """The headers as they are sent, but for Host; None where something about them is for urllib3 to judge."""
    lines = []
    seen = set()
    for name, value in request.headers.items():
        sent = value if type(value) is bytes else value.encode("latin-1") if type(value) is str else None
        if sent is None or b"\r" in sent or b"\n" in sent or not is_name(name) or sent == b"@@@SKIP_HEADER@@@":
            return None
        lines.append(name.encode("ascii") + b": " + sent + b"\r\n")
        seen.add(name.lower())
    needs_length = request.body is not None or request.method in _WITH_BODY
    if seen & {"host", "accept-encoding", "expect", "transfer-encoding"} or "user-agent" not in seen:
        return None
    if needs_length and "content-length" not in seen:
        return None
    return b"".join(lines) + b"\r\n"


def _host_lines(connection: Any) -> bytes:
    """The end of the first line, and what :mod:`http.client` puts after it."""
    host = connection.host.encode("ascii")
    if b":" in host:
        host = b"[" + host + b"]"
    port = b"" if connection.port == connection.default_port else b":%d" % connection.port
    return b"\r\nHost: " + host + port + b"\r\nAccept-Encoding: identity\r\n"


def _send(sock: socket.socket, data: bytes) -> None:
    # It may have answered before it closed.
    with _phase("send"), contextlib.suppress(BrokenPipeError, ConnectionResetError):
        sock.sendall(data)


def _receive(sock: socket.socket, method: str) -> _Answer:
    """One answer. Raises _BrokenError."""
    with _phase("head"):
        data = sock.recv(_CHUNK)
        if not data:
            raise http.client.RemoteDisconnected("Remote end closed connection without response")
        while b"\r\n\r\n" not in data and (more := sock.recv(_CHUNK)):
            data += more
    return _plain_answer(sock, data) or _any_answer(sock, data, method)


def _plain_answer(sock: socket.socket, data: bytes) -> _Answer | None:
    """Of a known length, over a connection that goes on; None for any other, with nothing more read."""
    head, _, body = data.partition(b"\r\n\r\n")
    status = _STATUS.match(head + b"\r\n")
    headers = plain(head[status.end() :] + b"\r\n") if status else None
    if status is None or headers is None:
        return None
    code, known = int(status[1]), {name.lower(): value for name, value in headers}
    length = known.get("content-length", "")
    lengths = sum(name.lower() == "content-length" for name, _ in headers)
    if (
        code < 200
        or code in _BODILESS
        or lengths != 1
        or not (length.isascii() and length.isdigit())
        or "transfer-encoding" in known
        or known.get("connection", "keep-alive").lower() != "keep-alive"
        or len(body) > int(length)
    ):
        return None
    return _Answer(code, headers, *_rest(sock, body, int(length)))


def _rest(sock: socket.socket, body: bytes, length: int) -> tuple[bytes, bool]:
    """The body, and whether the connection goes on after it; short where it ended, as urllib3 is told to take it."""
    parts, missing = [body], length - len(body)
    with _phase("body"):
        while missing and (part := sock.recv(min(missing, _CHUNK))):
            parts.append(part)
            missing -= len(part)
    return b"".join(parts), not missing


def _any_answer(sock: socket.socket, data: bytes, method: str) -> _Answer:
    """By Python's own parser, from what was read and what comes after it."""
    response = http.client.HTTPResponse(_Replayed(sock, data), method=method)  # type: ignore[arg-type]
    try:
        with _phase("head"):
            response.begin()
        parts = []
        with _phase("body"):
            while part := response.read(_CHUNK):
                parts.append(part)
        headers = [(name, _FOLD.sub(" ", value)) for name, value in response.headers.items()]
        return _Answer(response.status, headers, b"".join(parts), not response.will_close and response.isclosed())
    finally:
        response.close()


class _Replayed:
    """As much of a socket as a response needs: what was read of it comes first."""

    def __init__(self, sock: socket.socket, data: bytes) -> None:
        self._reader = io.BufferedReader(_Raw(sock, data))

    def makefile(self, mode: str) -> Any:
        return self._reader


class _Raw(io.RawIOBase):
    def __init__(self, sock: socket.socket, data: bytes) -> None:
        self._sock = sock
        self._data = data

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._data:
            return self._sock.recv_into(buffer)
        part, self._data = self._data[: len(buffer)], self._data[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)
