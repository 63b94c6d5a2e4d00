"""The memory size of functions, enforced: who has more resident is killed, as on AWS.

Every 50 ms one thread looks at the processes that are busy, and at their children; what peaked between two looks shows
when the process answers. A process that was forked has libraries resident that its function never asked for: those
(``excess``) are not counted, see :mod:`.runtime._loadstack_memory`. Linux only: elsewhere nothing is enforced.
"""

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_LOOK_EVERY_S = 0.05
# The thread goes on looking this long after the last one was busy: waking it for each invocation would cost more.
_LINGER_S = 1.0
_PAGE_KIB = os.sysconf("SC_PAGE_SIZE") // 1024


@dataclass(eq=False)
class Watched:
    """A busy process; ``exceeded`` once it was killed for its memory. Sizes in KiB."""

    pid: int
    limit: int
    excess: int
    exceeded: bool = field(default=False)


class MemoryWatch:
    """Watches the busy processes from one thread, which runs while there are any. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._busy: set[Watched] = set()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None

    @contextlib.contextmanager
    def over(self, pid: int, limit_mb: int, excess_kib: int) -> Iterator[Watched]:
        """Watch this process, the leader of its process group, meanwhile."""
        watched = Watched(pid, limit_mb * 1024, excess_kib)
        with self._lock:
            self._busy.add(watched)
            if self._thread is None:
                self._thread = threading.Thread(target=self._look, daemon=True, name="memory-limit")
                self._thread.start()
        if not self._wake.is_set():
            self._wake.set()
        try:
            yield watched
        finally:
            with self._lock:
                self._busy.discard(watched)

    def _look(self) -> None:
        last_busy = time.monotonic()
        while True:
            time.sleep(_LOOK_EVERY_S)
            with self._lock:
                busy = list(self._busy)
            if busy:
                last_busy = time.monotonic()
            elif time.monotonic() - last_busy > _LINGER_S:
                self._wake.clear()
                with self._lock:
                    idle = not self._busy
                if idle:  # who came before the clearing did not wake
                    self._wake.wait()
                last_busy = time.monotonic()
            for each in busy:
                if used_kib(each.pid) - each.excess > each.limit:
                    self._kill(each)

    def _kill(self, watched: Watched) -> None:
        with self._lock:
            if watched not in self._busy:  # it has answered, and its pid may be somebody else's
                return
            watched.exceeded = True
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(watched.pid, signal.SIGKILL)


def used_kib(pid: int) -> int:
    """What a process and its children have resident; 0 for one that is gone.

    Pages that a child shares with its parent count once.
    """
    try:
        resident = int(Path(f"/proc/{pid}/statm").read_bytes().split()[1]) * _PAGE_KIB
        children = _children(pid)
    except (OSError, IndexError, ValueError):
        return 0
    return resident + sum(_private_kib(child) for child in children)


def _children(pid: int) -> list[int]:
    """All descendants."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):
            for child in (task / "children").read_bytes().split():
                found += [int(child), *_children(int(child))]
    return found


def _private_kib(pid: int) -> int:
    with contextlib.suppress(OSError), Path(f"/proc/{pid}/smaps_rollup").open("rb") as lines:
        return sum(int(line.split()[1]) for line in lines if line.startswith(b"Private_"))
    return 0


WATCH = MemoryWatch() if sys.platform == "linux" else None
