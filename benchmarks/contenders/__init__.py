"""The contenders, by the name that ``CONTENDERS=`` takes."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from benchmarks.contenders import localstack
from benchmarks.contenders.base import Instance, Place
from benchmarks.contenders.container import InContainer
from benchmarks.contenders.floor import Floor
from benchmarks.contenders.localstack import LocalStack
from benchmarks.contenders.ministack import Ministack

Make = Callable[[Place], Instance]


@dataclass(frozen=True)
class Contender:
    """``scenarios``: those that it takes part in; empty: all. ``optional``: it is left out where it does not start."""

    name: str
    title: str
    make: Make
    scenarios: frozenset[str] = frozenset()
    by_default: bool = True
    optional: bool = False

    def takes_part(self, scenario: str) -> bool:
        return not self.scenarios or scenario in self.scenarios


def _localstack(adapt: Callable[[dict[str, str]], dict[str, str]]) -> Make:
    return partial(LocalStack, adapt=adapt)


CONTENDERS = {
    each.name: each
    for each in (
        Contender("loadstack", "this engine", _localstack(localstack.as_the_sandbox)),
        Contender("stock", "LocalStack 4.14.0, our executor", _localstack(localstack.stock)),
        Contender("ministack", "ministack", Ministack),
        Contender(
            "floor",
            "the functions and DynamoDB Local, no emulator",
            Floor,
            scenarios=frozenset({"ping", "orders", "latency", "memory", "lifecycle"}),
        ),
        Contender(
            "fresh",
            "this engine, no fork server",
            _localstack(localstack.without_fork_server),
            scenarios=frozenset({"cold"}),
        ),
        Contender(
            "container",
            "this engine in a container",
            InContainer,
            scenarios=frozenset({"ping", "orders", "latency", "drain"}),
            optional=True,
        ),
        Contender("variant", "this engine with VARIANT=", _localstack(localstack.variant), by_default=False),
    )
}
