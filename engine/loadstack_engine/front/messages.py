"""What the front reads and writes."""

import tempfile
from dataclasses import dataclass, field
from io import BytesIO
from typing import IO


@dataclass(slots=True)
class HttpRequest:
    """One request, read whole.

    Attributes:
        method: as sent: ``POST``.
        target: the request line's target as sent, percent-encoded: ``/path?query``.
        version: ``1.1`` or ``1.0``.
        headers: names and values as sent, in order, duplicates too (latin-1).
        fields: the same by lower-case name; the values of duplicates joined with a comma.
        content: the body where it fits into memory (16 MB); else None, and ``spooled`` is the file that has it.
        keep_alive: whether the client wants the connection to stay.
        secure: whether it came over TLS.
        client, server: the connection's addresses, host and port.
    """

    method: str = ""
    target: str = ""
    version: str = "1.1"
    headers: list[tuple[str, str]] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)
    content: bytes | None = b""
    spooled: IO[bytes] | None = None
    keep_alive: bool = True
    secure: bool = False
    client: tuple[str, int] = ("", 0)
    server: tuple[str, int] = ("", 0)

    @property
    def path(self) -> str:
        """The target without its query, percent-encoded as sent."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """What follows the ``?``, percent-encoded as sent; empty where there is none."""
        return self.target.partition("?")[2]

    def stream(self) -> IO[bytes]:
        """The body to read from, from its start."""
        if self.spooled is None:
            return BytesIO(self.content or b"")
        self.spooled.seek(0)
        return self.spooled


@dataclass(slots=True)
class HttpResponse:
    """An answer that is whole. ``Content-Length``, ``Date`` and ``Server`` are the front's to add."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes = b""


class Body:
    """Collects a body: in memory up to ``limit`` bytes, in a temporary file beyond."""

    __slots__ = ("_chunks", "_file", "_limit", "_size")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._chunks: list[bytes] = []
        self._file: IO[bytes] | None = None
        self._size = 0

    def add(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._file is None and self._size > self._limit:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115  # closed with the request
            self._file.writelines(self._chunks)
            self._chunks.clear()
        if self._file is None:
            self._chunks.append(chunk)
        else:
            self._file.write(chunk)

    def finish(self) -> tuple[bytes | None, IO[bytes] | None]:
        """The body as :class:`HttpRequest` has it: content, or file."""
        if self._file is not None:
            return None, self._file
        return (self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)), None

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
