"""Calls to a local server in AWS's JSON protocol: DynamoDB Local, kinesis-mock."""

import http.client
import json
import socket
from collections.abc import Callable
from typing import Any

_TIMEOUT_S = 10


class WireError(Exception):
    """The server answered with an error: its ``code`` (``ResourceNotFoundException``) and message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class Wire:
    """One connection, kept open; for one thread at a time. ``address`` is asked for at each new connection."""

    def __init__(self, address: Callable[[], tuple[str, int]], target: str, headers: dict[str, str]) -> None:
        self._address = address
        self._target = target
        self._headers = headers
        self._connection: http.client.HTTPConnection | None = None

    def call(self, operation: str, **request: Any) -> dict[str, Any]:
        """
        Raises:
            WireError: the server's error.
            OSError: it does not answer.
        """
        body = json.dumps(request).encode()
        try:
            status, answer = self._exchange(operation, body)
        except (http.client.HTTPException, ConnectionError):
            self.close()  # it closed a connection that was idle for long: once more
            status, answer = self._exchange_again(operation, body)
        content: dict[str, Any] = json.loads(answer or b"{}")
        if status != http.HTTPStatus.OK:
            code = str(content.get("__type", status)).rpartition("#")[2]
            raise WireError(code, str(content.get("message") or content.get("Message") or answer[:200]))
        return content

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _exchange_again(self, operation: str, body: bytes) -> tuple[int, bytes]:
        try:
            return self._exchange(operation, body)
        except http.client.HTTPException as error:
            raise ConnectionError(f"no answer: {error!r}") from error

    def _exchange(self, operation: str, body: bytes) -> tuple[int, bytes]:
        try:
            if self._connection is None:
                self._connection = self._connect()
            headers = {**self._headers, "X-Amz-Target": f"{self._target}.{operation}"}
            self._connection.request("POST", "/", body, headers)
            answer = self._connection.getresponse()
            return answer.status, answer.read()
        except (http.client.HTTPException, OSError):
            self.close()
            raise

    def _connect(self) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection(*self._address(), timeout=_TIMEOUT_S)
        connection.connect()
        # Head and body are two packets: the second would wait for the acknowledgement of the first.
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection
