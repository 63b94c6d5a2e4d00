"""What a scenario is made of."""

from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks import usage
from benchmarks.contenders import Contender
from benchmarks.contenders.base import Instance, Place
from benchmarks.load import Load
from benchmarks.stack import Clients, Stack

Values = dict[str, float | None]


@dataclass(frozen=True)
class Measured:
    """What a cell gave once: values by the name of the metric, None where something could not be told.

    ``notes`` say what was cut or failed. ``once`` keeps the cell from being measured again in later rounds: it takes
    too long for that.
    """

    values: Values
    notes: list[str] = field(default_factory=list)
    once: bool = False


@dataclass(frozen=True)
class Subject:
    """A contender at work. ``stack`` is None where no scenario of the run asked for one."""

    contender: Contender
    instance: Instance
    stack: Stack | None
    new_place: Callable[[str], Place]

    @property
    def deployed(self) -> Stack:
        if self.stack is None:
            raise RuntimeError(f"{self.contender.name} was started without a stack")
        return self.stack

    @property
    def clients(self) -> Clients:
        if self.instance.clients is None:
            raise RuntimeError(f"{self.contender.name} is no emulator")
        return self.instance.clients

    def cpu(self) -> usage.Cpu:
        return self.instance.cpu()


@dataclass(frozen=True)
class Cell:
    """One thing to measure, e.g. a scenario at one number of connections: ``ping@16``."""

    name: str
    measure: Callable[[Subject], Measured]


@dataclass(frozen=True)
class Scenario:
    name: str
    title: str
    cells: tuple[Cell, ...]
    needs_stack: bool = True


def cpu_values(before: usage.Cpu, after: usage.Cpu, load: Load) -> Values:
    """Milliseconds of CPU an accepted request, by kind of process; and how busy all else kept the machine."""
    used: dict[str, float] = {kind: after.kinds[kind] - before.kinds[kind] for kind in usage.KINDS}
    used["generator"] = load.cpu_s
    others = after.machine_s - before.machine_s - sum(used.values())
    capacity = (after.at - before.at) * usage.PROCESSORS
    values: Values = {"others_percent": max(0.0, 100 * others / capacity)}
    for kind, seconds in used.items():
        values[f"cpu_{kind}_ms"] = 1000 * seconds / load.accepted if load.accepted else None
    return values


def failures(load: Load) -> list[str]:
    return [f"{count} times {what}" for what, count in load.failures.most_common(3)]
