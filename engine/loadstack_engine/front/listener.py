"""Accepts connections in the threads that then serve them, so that none is handed over."""

import logging
import socket
import threading
from collections.abc import Callable

LOG = logging.getLogger(__name__)

_BACKLOG = 1024
_MAX_IDLE = 32
_PAUSE_S = 0.1

Serve = Callable[[socket.socket, tuple[str, int]], None]


class Listener:
    """One address. A thread waits for a connection, serves it, and waits for the next one.

    The thread that takes the last turn of waiting starts another first, up to ``limit`` threads; with all of them
    busy nobody waits, and clients queue in the kernel. Beyond 32 that wait, a thread ends after its connection.
    """

    def __init__(self, host: str, port: int, serve: Serve, limit: int) -> None:
        """
        Raises:
            OSError: the address is taken, or not this machine's.
        """
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.create_server((host.strip("[]"), port), family=family, backlog=_BACKLOG)
        self._serve = serve
        self._limit = limit
        self._lock = threading.Lock()
        self._threads = 0
        self._waiting = 0
        self._stopping = threading.Event()

    def start(self) -> None:
        with self._lock:
            self._add_thread()

    def stop(self) -> None:
        """Accept no more. Connections that are served go on."""
        self._stopping.set()
        try:
            self._socket.shutdown(socket.SHUT_RDWR)  # ends the accept of those that wait, on Linux
        except OSError as error:
            LOG.debug("Not connected, says this system: %s", error)
        self._socket.close()

    def _add_thread(self) -> None:
        self._threads += 1
        self._waiting += 1
        threading.Thread(target=self._run, name=f"front-{self._threads}", daemon=True).start()

    def _run(self) -> None:
        while (accepted := self._accept()) is not None:
            self._take_turn()
            connection, client = accepted
            try:
                self._serve(connection, client)
            except Exception:
                LOG.exception("A connection could not be served")
            if not self._wait_again():
                return

    def _accept(self) -> tuple[socket.socket, tuple[str, int]] | None:
        """The next connection; None when stopped."""
        while not self._stopping.is_set():
            try:
                connection, address = self._socket.accept()
                return connection, address[:2]
            except OSError as error:
                if not self._stopping.is_set():
                    LOG.warning("A connection could not be accepted: %s", error)
                    self._stopping.wait(_PAUSE_S)  # out of files, say: trying at once would only burn time
        return None

    def _take_turn(self) -> None:
        with self._lock:
            self._waiting -= 1
            if self._waiting == 0 and self._threads < self._limit:
                self._add_thread()

    def _wait_again(self) -> bool:
        with self._lock:
            stays = self._waiting < _MAX_IDLE
            self._waiting += stays
            self._threads -= not stays
            return stays
