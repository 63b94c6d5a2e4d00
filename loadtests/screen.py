"""Where a run's words go while it runs: a line that is rewritten on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

from rich.console import Console
from rich.live import Live
from rich.text import Text

EVERY_S: Final = 10.0


class Screen(Protocol):
    """Two kinds of words: what happens next, which stays, and how it stands, which the next one replaces."""

    def say(self, line: str) -> None:
        """What happens next."""

    def show(self, line: str) -> None:
        """How it stands now."""


class Output(Console):
    """A console whose reader may go (`make load | head -1`): the run goes on without a word, and its report is written.

    rich would end the process with exit code 1, which says that an SLO did not hold.
    """

    def on_broken_pipe(self) -> None:
        """What is printed from now on goes nowhere, also what still waits to be written."""
        self.quiet = True
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.file.fileno())
        os.close(nowhere)


class Terminal:
    """Rewrites the last line."""

    def __init__(self, live: Live) -> None:
        self._live = live

    def say(self, line: str) -> None:
        """Print it above the line that is rewritten."""
        _say(self._live.console, line)

    def show(self, line: str) -> None:
        """Rewrite the line."""
        self._live.update(Text(line, no_wrap=True, overflow="ellipsis"), refresh=True)


class Log:
    """Prints how it stands every ten seconds: a file, or CI, has no use for more."""

    def __init__(self, console: Console, now: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._now = now
        self._due = now() + EVERY_S

    def say(self, line: str) -> None:
        """Print it."""
        _say(self._console, line)

    def show(self, line: str) -> None:
        """Print it, if the last one is long enough ago."""
        if self._now() >= self._due:
            self._due = self._now() + EVERY_S
            _say(self._console, line)


@contextmanager
def screen(console: Console) -> Iterator[Screen]:
    """The screen for a console; a rewritten line is gone when the block ends."""
    if not console.is_terminal:
        yield Log(console)
        return
    with Live(console=console, auto_refresh=False, transient=True) as live:
        yield Terminal(live)


def relative(path: Path) -> Path:
    """The path as somebody here would type it: relative where it lies below the working directory."""
    here = Path.cwd()
    absolute = path.absolute()
    return absolute.relative_to(here) if absolute.is_relative_to(here) else path


def _say(console: Console, line: str) -> None:
    console.print(Text(line, style="dim"), soft_wrap=True)
