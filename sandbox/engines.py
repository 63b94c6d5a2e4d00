"""What the commands ask of an engine, whichever it is: a process on this machine, or a container."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from sandbox.errors import SetupError

type Tell = Callable[[str], None]


def nobody(what: str) -> None:
    """For callers that want to hear nothing."""


def stop_after_failure(engine: "Engine", say: Tell) -> None:
    """Stop what the command started, and say so; what that meets with is told, and does not take the place of the
    failure's own error.
    """
    try:
        if engine.stop():
            say("LocalStack, which this command started, is ended again.")
    except SetupError as left:
        say(str(left))


class Engine(Protocol):
    """LocalStack with our plugin, on a port of the loopback address. It belongs to one checkout."""

    @property
    def run(self) -> Path:
        """The folder of what this checkout knows of it."""

    @property
    def port(self) -> int: ...

    @property
    def endpoint(self) -> str: ...

    @property
    def where_log(self) -> str:
        """Where a reader finds its log: a path, or a command."""

    def platform(self) -> str | None:
        """What uv shall install the layers for, where functions do not run on a machine like this one."""

    def is_ready(self) -> bool:
        """Whether this very engine answers on its port, and its services with it."""

    def is_outdated(self) -> bool:
        """Whether code of the engine was written since it started: it runs on with what it had."""

    def start(self, say: Tell = nobody, show: Tell = nobody) -> None:
        """Start it and wait until it answers; leaves nothing running when it does not.

        ``say`` gets what is worth a line, ``show`` what goes on just now.

        Raises:
            SetupError: the port is taken, or a tool is missing.
            EngineError: LocalStack ended or did not answer; says what its log says last.
        """

    def stop(self) -> bool:
        """End it and all that it started, also what a crash left; within five seconds. Does nothing twice.

        Returns whether there was anything to end.

        Raises:
            SetupError: Docker does not answer, or one of its commands failed: containers may be left.
        """

    def end_reason(self) -> str | None:
        """How LocalStack ended, where it ended unasked; None where it runs, was stopped, or never ran.

        Raises:
            SetupError: that cannot be told, for Docker does not answer.
            NotRunningError: nor can it, of containers that were started and not stopped.
        """

    def last_log_lines(self) -> list[str]:
        """The last lines of its log, also after its end; none where there is no log."""

    def log_lines(self) -> Iterator[list[str]]:
        """The last lines of its log, then at each step what has come since; does not wait for any."""
