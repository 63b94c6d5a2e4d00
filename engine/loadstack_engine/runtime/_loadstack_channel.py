"""Frames on a stream socket between LocalStack and a function process.

Both sides use this module, and the function's interpreter has nothing of ours installed: standard library only.

A frame is two unsigned 32-bit lengths in network order, a JSON header of the first length and a body of the second:
the header says what it is (``kind`` and its fields), the body is the event or the answer as it stands, never parsed.
"""

import contextlib
import json
import socket
import struct
from collections.abc import Sequence
from typing import Any, NamedTuple

_LENGTHS = struct.Struct("!II")
_CHUNK = 1 << 18
_DESCRIPTORS_A_READ = 16


class Message(NamedTuple):
    """One frame: ``kind`` names it, ``fields`` are the rest of the header, ``body`` is opaque."""

    kind: str
    fields: dict[str, Any]
    body: bytes


class ChannelClosedError(Exception):
    """The other side has closed its end, or died."""


class Channel:
    """Message framing over a connected Unix stream socket, which can carry file descriptors beside the frames.

    Not thread-safe: one reader and one writer at a time.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._buffer = bytearray()
        self._descriptors: list[int] = []

    def fileno(self) -> int:
        return self._sock.fileno()

    def close(self) -> None:
        self._sock.close()

    def shut_down(self) -> None:
        """End the stream for both sides, also for a thread that waits in :meth:`receive`."""
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)

    def send(self, kind: str, body: bytes = b"", descriptors: Sequence[int] = (), **fields: Any) -> None:
        """Write one frame whole, and with it copies of file descriptors.

        Raises:
            ChannelClosedError: the other side is gone.
            TimeoutError: the socket has a timeout, and the other side does not read.
        """
        header = json.dumps({"kind": kind, **fields}).encode()
        try:
            frame = _LENGTHS.pack(len(header), len(body)) + header + body
            sent = socket.send_fds(self._sock, [frame], descriptors) if descriptors else 0
            self._sock.sendall(memoryview(frame)[sent:])
        except TimeoutError:
            raise
        except OSError as error:
            raise ChannelClosedError(str(error)) from error

    def receive(self) -> Message:
        """Block until one whole frame is there.

        Raises:
            ChannelClosedError: the stream ended, also in the middle of a frame.
        """
        while (message := self.poll()) is None:
            pass
        return message

    def poll(self) -> Message | None:
        """Read once, as much as one ``recv`` gives; return a frame if one is whole by then, else None.

        Call it when the socket is readable: a peer that stalls within a frame never blocks the caller for longer
        than that one read.
        """
        if (message := self._take()) is not None:
            return message
        try:
            chunk, descriptors, _, _ = socket.recv_fds(self._sock, _CHUNK, _DESCRIPTORS_A_READ)
        except OSError as error:
            raise ChannelClosedError(str(error)) from error
        if not chunk:
            raise ChannelClosedError("end of stream")
        self._buffer += chunk
        self._descriptors += descriptors
        return self._take()

    def take_descriptors(self) -> list[int]:
        """The descriptors that have come since the last call; the caller closes them."""
        taken, self._descriptors = self._descriptors, []
        return taken

    def _take(self) -> Message | None:
        if len(self._buffer) < _LENGTHS.size:
            return None
        header_length, body_length = _LENGTHS.unpack_from(self._buffer)
        header_end = _LENGTHS.size + header_length
        end = header_end + body_length
        if len(self._buffer) < end:
            return None
        fields = json.loads(self._buffer[_LENGTHS.size : header_end])
        body = bytes(self._buffer[header_end:end])
        del self._buffer[:end]
        return Message(fields.pop("kind"), fields, body)
