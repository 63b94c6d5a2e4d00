"""What an execution environment printed, with the times at which it came."""

import time

# Of a function that prints more, the first megabyte and the last few are kept.
_LIMIT = 4 << 20
_HEAD = 1 << 20
_CUT = b"\n[output cut here]\n"


class Output:
    """Bytes in the order they came; each line has the time at which its first byte came."""

    def __init__(self) -> None:
        self._chunks: list[tuple[int, bytes]] = []
        self._size = 0

    def add(self, chunk: bytes) -> None:
        """Keep it; past four megabytes something in the middle is dropped for it, and that is said in its place."""
        self._chunks.append((now_ms(), chunk))
        self._size += len(chunk)
        if self._size > _LIMIT:
            self._cut()

    def peek(self) -> bytes:
        return b"".join(chunk for _, chunk in self._chunks)

    def take(self) -> list[tuple[int, bytes]]:
        """What came since the last call, by line: milliseconds since 1970, and the line without its end.

        Empty lines are left out, as CloudWatch Logs has none.
        """
        chunks, self._chunks, self._size = self._chunks, [], 0
        lines: list[tuple[int, bytes]] = []
        rest, rest_since = b"", 0
        for came, chunk in chunks:
            since = rest_since if rest else came
            *whole, rest = (rest + chunk).split(b"\n")
            for line in whole:
                lines.append((since, line))
                since = came
            rest_since = since
        lines.append((rest_since, rest))
        return [(since, line) for since, line in lines if line.strip(b"\r")]

    def _cut(self) -> None:
        whole = self.peek()
        first, last = self._chunks[0][0], self._chunks[-1][0]
        self._chunks = [(first, whole[:_HEAD] + _CUT), (last, whole[-_HEAD:])]
        self._size = sum(len(chunk) for _, chunk in self._chunks)


def now_ms() -> int:
    """The wall clock as CloudWatch Logs has it."""
    return time.time_ns() // 1_000_000
