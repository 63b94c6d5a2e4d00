"""What a contender is."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from benchmarks.stack import Clients, Stack
from benchmarks.usage import Cpu, Kind
from sandbox.paths import Installation


@dataclass(frozen=True)
class Place:
    """Where an instance runs: a folder of its own, a free port of 127.0.0.1, and what it is installed from."""

    run: Path
    port: int
    installation: Installation


class Instance(Protocol):
    """One running contender. Its processes carry ``mark`` (:mod:`sandbox.processes`), whoever started them."""

    port: int
    mark: str
    clients: Clients | None
    """None where there is no emulator."""

    def start(self) -> None:
        """Start it and return when DynamoDB answers through it; leaves nothing running when it raises.

        Raises:
            ContenderError: it did not start.
        """

    def deploy(self) -> Stack:
        """Set up the stack of the scenarios."""

    def terminate(self) -> None:
        """Ask it to end, as Ctrl-C does, and return at once."""

    def stop(self) -> None:
        """End it and all that it started. Does nothing twice."""

    def cpu(self) -> Cpu:
        """What its processes have used."""

    def kind(self, command: Sequence[str]) -> Kind:
        """What a process of it with this command line is."""
