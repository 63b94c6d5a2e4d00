"""LocalStack's runtime server, select it with ``GATEWAY_SERVER=front``."""

import contextlib
import logging
import socket
import ssl
import threading
from collections.abc import Iterator

from localstack import config
from rolo.gateway import Gateway
from rolo.gateway.wsgi import WsgiGateway

from loadstack_engine.front.connection import SILENCE_LIMIT_S, Connection, set_timeouts
from loadstack_engine.front.hot_routes import HOT_ROUTES
from loadstack_engine.front.listener import Listener

LOG = logging.getLogger(__name__)

_STOP_LIMIT_S = 1.0
_SIGNAL_LOOK_S = 0.5
_TLS_HANDSHAKE = b"\x16"  # the type of a TLS record, https://www.rfc-editor.org/rfc/rfc8446#section-5.1


class FrontServer:
    """Serves gateways on the hosts and ports of ``GATEWAY_LISTEN``, and no others.

    Every connection has a thread, up to ``GATEWAY_WORKER_COUNT`` (default 1,000) of them a port: beyond it, clients
    wait until one closes. TLS is recognised by its first byte, as LocalStack's own front does.
    """

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._stopping = threading.Event()
        self._stopped = threading.Event()
        self._connections: set[socket.socket] = set()
        self._changed = threading.Condition()

    def register(
        self, gateway: Gateway, listen: list[config.HostAndPort], ssl_creds: tuple[str, str] | None = None
    ) -> None:
        """
        Raises:
            OSError: an address is taken, or not this machine's.
        """
        application = WsgiGateway(gateway)
        context = _tls_context(*ssl_creds) if ssl_creds else None

        def serve(connection: socket.socket, client: tuple[str, int]) -> None:
            self._serve(connection, client, application, context)

        self._listeners += [Listener(each.host, each.port, serve, config.GATEWAY_WORKER_COUNT) for each in listen]

    def run(self) -> None:
        """Serve until ``shutdown``.

        LocalStack runs this in the main thread, which alone runs signal handlers. A signal that the system gave to
        another thread does not wake it: without a look now and then, a SIGTERM would wait for ever.
        """
        for listener in self._listeners:
            listener.start()
        while not self._stopped.wait(_SIGNAL_LOOK_S):
            pass

    def shutdown(self) -> None:
        """Take no more requests, give those that run a second to finish, then close what is left."""
        self._stopping.set()
        for listener in self._listeners:
            listener.stop()
        self._shut(socket.SHUT_RD)
        with self._changed:
            self._changed.wait_for(lambda: not self._connections, _STOP_LIMIT_S)
        self._shut(socket.SHUT_RDWR)
        self._stopped.set()

    def _shut(self, how: int) -> None:
        """Idle connections see an end and close; busy ones do so after their answer."""
        with self._changed:
            for connection in self._connections:
                try:
                    socket.socket.shutdown(connection, how)  # ssl's own would also drop the encryption
                except OSError as error:
                    LOG.debug("A connection was over already: %s", error)

    def _serve(
        self,
        connection: socket.socket,
        client: tuple[str, int],
        application: WsgiGateway,
        context: ssl.SSLContext | None,
    ) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        set_timeouts(connection, SILENCE_LIMIT_S)
        with connection, self._tracked(connection):
            if context is None or not _begins_tls(connection):
                Connection(connection, client, application, HOT_ROUTES, self._stopping.is_set).serve()
                return
            with context.wrap_socket(connection, server_side=True) as secured, self._tracked(secured):
                Connection(secured, client, application, HOT_ROUTES, self._stopping.is_set).serve()

    @contextlib.contextmanager
    def _tracked(self, connection: socket.socket) -> Iterator[None]:
        """Known to ``shutdown`` meanwhile."""
        with self._changed:
            self._connections.add(connection)
        try:
            yield
        except OSError as error:
            LOG.debug("A connection ended: %s", error)
        finally:
            with self._changed:
                self._connections.discard(connection)
                self._changed.notify_all()


def _begins_tls(connection: socket.socket) -> bool:
    return connection.recv(1, socket.MSG_PEEK) == _TLS_HANDSHAKE


def _tls_context(certificate: str, key: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context
