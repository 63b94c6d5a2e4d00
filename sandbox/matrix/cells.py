"""Gives the running stack the settings of a cell, and in the end those that it had."""

from dataclasses import dataclass

from rich.console import Console

from bootstrap.clients import Clients
from bootstrap.flows import Flow
from bootstrap.shop_sizes import AS_DECLARED, Sizes
from sandbox import flows, gateways, reset, up
from sandbox.matrix.grid import Cell
from sandbox.target import Target

_SILENT = Console(quiet=True)


@dataclass(slots=True)
class Deployed:
    """The stack of this checkout's sandbox; ``flow`` is the one that it has in the end again."""

    target: Target
    flow: Flow
    changed: bool = False

    @classmethod
    def of(cls, target: Target, console: Console) -> "Deployed":
        """The stack that runs; it is brought up where none does. Raises as :func:`sandbox.up.bring_up`."""
        if target.engine and not target.engine.is_ready():
            up.bring_up(target, console)
        return cls(target, flows.of(Clients(target.endpoint)) or flows.USUAL)

    def become(self, cell: Cell) -> None:
        """Deploy the cell and empty all data. Every function has answered once then."""
        self.changed = True
        self._deploy(cell.flow or self.flow, Sizes(cell.memory_mb, cell.batch_size))
        reset.run(self.target, _SILENT)

    def put_back(self) -> None:
        """The flow as it was, sizes as declared, no data of the runs. Nothing where the engine died."""
        if self.changed and self.target.engine and self.target.engine.is_ready():
            self._deploy(self.flow, AS_DECLARED)
            reset.run(self.target, _SILENT)
            self.changed = False

    def _deploy(self, flow: Flow, sizes: Sizes) -> None:
        up.bring_up(self.target, _SILENT, flow, gateways.ANY, sizes)
