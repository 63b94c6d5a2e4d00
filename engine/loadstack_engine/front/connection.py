"""One connection: requests are read and answered one after the other, in a thread of its own."""

import logging
import socket
import ssl
import struct
import sys
from collections.abc import Callable
from typing import Any

from localstack.runtime import events
from rolo.gateway.wsgi import WsgiGateway

from loadstack_engine.front.general import environ_of
from loadstack_engine.front.hot_routes import HotRoutes
from loadstack_engine.front.messages import HttpRequest, HttpResponse
from loadstack_engine.front.parser import BadRequestError, RequestParser
from loadstack_engine.front.request_counts import REQUESTS
from loadstack_engine.front.response import ClientGoneError, ResponseWriter, send_iterable

LOG = logging.getLogger(__name__)

_RECEIVE_BYTES = 64 * 1024
SILENCE_LIMIT_S = 60  # as Twisted's: a client that sends or takes nothing for so long is left
_DRAIN_LIMIT_S = 1
_DRAIN_BYTES = 1024 * 1024


Write = Callable[[bytes], None]


class Connection:
    """Serves a connection until either side wants no more of it.

    ``hot`` are asked first, then ``gateway``. ``is_stopping`` is asked with each answer: when it says so, it is the
    last one.
    """

    def __init__(
        self,
        connection: socket.socket,
        client: tuple[str, int],
        gateway: WsgiGateway,
        hot: HotRoutes,
        is_stopping: Callable[[], bool],
    ) -> None:
        self._socket = connection
        self._gateway = gateway
        self._hot = hot
        self._is_stopping = is_stopping
        self._client = client
        self._server = connection.getsockname()[:2]
        self._secure = isinstance(connection, ssl.SSLSocket)
        self._parser = RequestParser(self._send_continue)

    def serve(self) -> None:
        """Returns when the connection is over; closing it is the caller's.

        Raises:
            OSError: the client is gone, or silent for a minute.
        """
        try:
            while self._turn():
                pass
        finally:
            self._parser.close()

    def _turn(self) -> bool:
        """Receive once, and answer what is whole then. Whether to go on."""
        data = self._socket.recv(_RECEIVE_BYTES)
        if not data:
            return False
        failure = None
        try:
            self._parser.feed(data)
        except BadRequestError as error:
            failure = error
        requests = self._parser.requests
        while requests:
            if not self._answer(requests.popleft()):
                return False
        if failure is not None:
            self._refuse(failure)
        return failure is None

    def _answer(self, request: HttpRequest) -> bool:
        """Whether the connection can take another request."""
        request.client, request.server, request.secure = self._client, self._server, self._secure
        writer = ResponseWriter(self._socket, request, self._is_stopping)
        try:
            self._respond(request, writer)
        except ClientGoneError:
            return False
        except Exception:
            LOG.exception("%s %s could not be answered", request.method, request.path)
            if writer.started:
                return False
            writer.whole(500, [("Content-Type", "text/plain")], b"Internal Server Error")
        finally:
            REQUESTS.add(request, writer.status)
            if request.spooled is not None:
                request.spooled.close()
        return writer.keep_alive

    def _respond(self, request: HttpRequest, writer: ResponseWriter) -> None:
        answer = None
        if request.content is not None and not events.infra_stopping.is_set():
            answer = self._hot.answer(request)
        if isinstance(answer, HttpResponse):
            writer.whole(answer.status, answer.headers, answer.body)
        else:
            self._respond_by_wsgi(request, writer, answer or self._gateway)

    def _respond_by_wsgi(self, request: HttpRequest, writer: ResponseWriter, application: Any) -> None:
        def start_response(
            status: str, headers: list[tuple[str, str]], exc_info: Any = None
        ) -> Callable[[bytes], None]:
            code, _, reason = status.partition(" ")
            writer.begin(int(code), reason, headers)
            return writer.write

        send_iterable(writer, application(environ_of(request), start_response))

    def _refuse(self, error: BadRequestError) -> None:
        """Answer, and take what the client still sends: closing on it would take the answer from the client."""
        writer = ResponseWriter(self._socket, HttpRequest(keep_alive=False), self._is_stopping)
        writer.whole(error.status, [("Content-Type", "text/plain")], f"{error}\n".encode())
        set_timeouts(self._socket, _DRAIN_LIMIT_S)
        socket.socket.shutdown(self._socket, socket.SHUT_WR)
        left = _DRAIN_BYTES
        while left > 0 and (data := self._socket.recv(_RECEIVE_BYTES)):
            left -= len(data)

    def _send_continue(self) -> None:
        self._socket.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")


def set_timeouts(connection: socket.socket, seconds: int) -> None:
    """In the kernel, for Python's own timeouts cost a system call a receive."""
    interval = struct.pack("ll", seconds, 0) if sys.platform != "darwin" else struct.pack("li", seconds, 0)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, interval)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, interval)
