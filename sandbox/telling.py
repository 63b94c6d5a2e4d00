"""What a command that waits says meanwhile, also to a log or a pipe, which no status line reaches."""

import time
from collections.abc import Callable

from rich.console import Console
from rich.status import Status

_EVERY_S = 10.0


class Teller:
    """Call it with how it stands: the status line shows it; where there is none, a line each ten seconds, if it is
    another than the last.
    """

    def __init__(self, console: Console, status: Status, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._status = status
        self._clock = clock
        self._told = ""
        self._next = clock() + _EVERY_S

    def __call__(self, text: str) -> None:
        self._status.update(text)
        if not self._console.is_terminal and text != self._told and self._clock() >= self._next:
            self._console.print(f"  {text}")
            self._told, self._next = text, self._clock() + _EVERY_S

    def line(self, text: str) -> None:
        """A line of its own, at once, everywhere."""
        self._console.print(f"  {text}")
