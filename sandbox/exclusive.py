"""One command at a time, where two would undo each other's work. Standard library only."""

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def only_one(lock: Path, waiting: str) -> Iterator[None]:
    """Hold the lock file within; who comes second prints ``waiting`` and waits. A dead holder holds nothing."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"  {waiting}", flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
