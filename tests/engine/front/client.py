"""A client of the HTTP front that says what goes over the wire, byte by byte."""

import json
import socket
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import Any


@dataclass(frozen=True)
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((value for each, value in self.headers if each.lower() == name.lower()), None)


class Client:
    """One connection; ``send`` takes bytes as they go over the wire."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def receive(self, method: str = "GET") -> Answer:
        response = HTTPResponse(_Unclosed(self.socket), method=method)
        response.begin()
        return Answer(response.status, response.getheaders(), response.read())

    def ask(self, data: bytes, method: str = "GET") -> Answer:
        self.send(data)
        return self.receive(method)

    def is_closed(self) -> bool:
        return self.socket.recv(1) == b""


class _Unclosed:
    """A socket whose unbuffered file ``HTTPResponse`` may close without taking what belongs to the next answer."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def makefile(self, mode: str) -> Any:
        return self._connection.makefile(mode, buffering=0)


def seen(answer: Answer) -> dict[str, Any]:
    """What `echo` saw of the request."""
    found: dict[str, Any] = json.loads(answer.body)
    return found
