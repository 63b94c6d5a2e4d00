"""Ctrl-C while libraries are imported: nothing has begun, so the process ends there and then.

A KeyboardInterrupt in the middle of an import may come out as another error, of the import's own locks.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
_STDERR: Final = 2
_EXIT_CODE: Final = 130
"""As `exit_codes.INTERRUPTED`; nothing of our own is imported here."""


@contextmanager
def ends_at_once() -> Iterator[None]:
    """Until the block ends, a signal tells of itself and ends the process. Ignored signals stay so."""
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    heard = [number for number, handler in before.items() if handler is not signal.SIG_IGN]
    for number in heard:
        signal.signal(number, _end)
    try:
        yield
    finally:
        for number in heard:
            signal.signal(number, before[number])


def _end(number: int, frame: FrameType | None) -> None:
    os.write(_STDERR, b"\nInterrupted: no report was written.\n")
    os._exit(_EXIT_CODE)
