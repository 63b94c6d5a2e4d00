"""One run: every contender started and warmed up, then round by round through the cells."""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from benchmarks.contenders import Contender
from benchmarks.contenders.base import Place
from benchmarks.errors import BenchmarkError, ContenderError
from benchmarks.http_client import request
from benchmarks.load import closed_loop
from benchmarks.orders import Orders
from benchmarks.plan import Plan
from benchmarks.ports import free_port
from benchmarks.scenarios.base import Cell, Measured, Subject
from benchmarks.scenarios.orders import settle
from benchmarks.stack import Stack
from sandbox.paths import Installation

_WARM_CONNECTIONS = 16

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Sample:
    """What one contender gave in one cell of one round."""

    round: int
    cell: str
    contender: str
    measured: Measured
    seconds: float = 0.0


@dataclass(frozen=True)
class Result:
    """``failed``: by contender, what kept it from being measured further. ``left_out``: why an optional one is not."""

    started_at: float
    seconds: float
    samples: list[Sample]
    failed: dict[str, str]
    left_out: dict[str, str] = field(default_factory=dict)


def execute(plan: Plan, installation: Installation, folder: Path, progress: Progress) -> Result:
    """Measure; whatever happens, nothing that it started runs when it returns or raises."""
    began = time.time()
    samples: list[Sample] = []
    failed: dict[str, str] = {}
    left_out: dict[str, str] = {}
    with contextlib.ExitStack() as stack:
        subjects = []
        for contender in plan.contenders:
            with _noting(contender, failed, progress):
                try:
                    subjects.append(_begin(plan, contender, installation, folder, stack, progress))
                except ContenderError as error:
                    if not contender.optional:
                        raise
                    left_out[contender.name] = str(error)
                    progress(f"{contender.name} is left out: {error}")
        for sample in _rounds(plan, subjects, failed, progress):
            samples.append(sample)
    return Result(began, time.time() - began, samples, failed, left_out)


def _begin(
    plan: Plan,
    contender: Contender,
    installation: Installation,
    folder: Path,
    stack: contextlib.ExitStack,
    progress: Progress,
) -> Subject:
    def new_place(name: str) -> Place:
        return Place((folder / name).resolve(), free_port(), installation)

    progress(f"starting {contender.name}: {contender.title}")
    instance = contender.make(new_place(contender.name))
    stack.callback(instance.stop)
    instance.start()
    deployed = None
    if any(scenario.needs_stack and contender.takes_part(scenario.name) for scenario in plan.scenarios):
        deployed = instance.deploy()
        _warm_up(plan, instance.port, deployed)
    return Subject(contender, instance, deployed, new_place)


def _warm_up(plan: Plan, port: int, stack: Stack) -> None:
    ping = request("GET", stack.ping_path)
    closed_loop(port, lambda: ping, _WARM_CONNECTIONS, plan.warm_ping_s)
    closed_loop(port, Orders(stack.orders_path).request, _WARM_CONNECTIONS, plan.warm_orders_s)
    settle(stack)


def _rounds(plan: Plan, subjects: list[Subject], failed: dict[str, str], progress: Progress) -> Iterator[Sample]:
    cells = [(scenario, cell) for scenario in plan.scenarios for cell in scenario.cells]
    over: set[tuple[str, str]] = set()
    for number in range(1, plan.rounds + 1):
        for scenario, cell in cells:
            for subject in subjects:
                name = subject.contender.name
                skipped = name in failed or (cell.name, name) in over or not subject.contender.takes_part(scenario.name)
                if skipped:
                    continue
                with _noting(subject.contender, failed, progress):
                    began = time.monotonic()
                    measured = cell.measure(subject)
                    progress(_line(number, plan.rounds, cell, name, measured))
                    yield Sample(number, cell.name, name, measured, time.monotonic() - began)
                    if measured.once:
                        over.add((cell.name, name))


@contextlib.contextmanager
def _noting(contender: Contender, failed: dict[str, str], progress: Progress) -> Iterator[None]:
    """A contender that breaks off is left out from then on; the others go on."""
    try:
        yield
    except (BenchmarkError, BotoCoreError, ClientError, OSError) as error:
        failed[contender.name] = str(error)
        progress(f"{contender.name} failed: {error}")


def _line(number: int, rounds: int, cell: Cell, contender: str, measured: Measured) -> str:
    values = "  ".join(f"{name} {value:.4g}" for name, value in measured.values.items() if value is not None)
    return f"{number}/{rounds}  {cell.name:<10} {contender:<10} {values}  {'; '.join(measured.notes)}".rstrip()
