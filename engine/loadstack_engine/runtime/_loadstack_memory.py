"""How much memory a function process uses of its own.

A fork has resident what its fork server has imported, whether the function asks for it or not, and the SDK's models
that were read beforehand. AWS's runtime starts with next to nothing, so what the function did not import does not
count: REPORT says what a fresh interpreter would have, give or take some megabytes, and the limit is held to that.
"""

import os
import resource
import sys
from collections.abc import Iterable
from pathlib import Path
from types import FunctionType, ModuleType

_KIB = 1024
_PAGE_KIB = os.sysconf("SC_PAGE_SIZE") // _KIB
_LINUX = sys.platform == "linux"


class Footprint:
    """What the imports of a fork server added, in KiB, by top-level module; and the rest, which no function has.

    States: *empty* in a fresh interpreter; *measured* in a fork server, by :meth:`imported` and :meth:`rest`; *settled*
    in its forks, at the end of their init.
    """

    def __init__(self) -> None:
        self.excess_kib = 0
        self._added: dict[str, int] = {}

    def imported(self, name: str, added_kib: int) -> None:
        root = name.partition(".")[0]
        self._added[root] = self._added.get(root, 0) + added_kib
        self.excess_kib += added_kib

    def rest(self, added_kib: int) -> None:
        self.excess_kib += added_kib

    def settle(self, own: Iterable[ModuleType]) -> None:
        """What these modules, which the parent does not have, imported or made use of is the function's."""
        used = {_root(value) for module in own for value in list(vars(module).values())}
        self.excess_kib -= sum(self._added.pop(name, 0) for name in used)

    def most_mib(self) -> int:
        """The most that the process ever had resident and that counts, in MiB."""
        return max(1, (self._peak_kib() - self.excess_kib) // _KIB + 1)

    def _peak_kib(self) -> int:
        """Linux keeps the peak of ``getrusage`` across exec: a fresh interpreter's would be LocalStack's."""
        if _LINUX and not self.excess_kib:
            with Path("/proc/self/status").open("rb") as status:
                return next(int(line.split()[1]) for line in status if line.startswith(b"VmHWM:"))
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1 if _LINUX else _KIB)


def _root(value: object) -> str:
    """The top-level module that this is, or is of; looks up no attribute that a proxy could answer for."""
    kind = type(value)
    if isinstance(value, ModuleType) and kind is ModuleType:
        name = vars(value).get("__name__")
    elif isinstance(value, FunctionType):
        name = value.__module__
    else:
        name = vars(value if isinstance(value, type) and kind is type else kind).get("__module__")
    return name.partition(".")[0] if isinstance(name, str) else ""


def resident_kib() -> int:
    """What is resident now; elsewhere than on Linux the peak."""
    if _LINUX:
        return int(Path("/proc/self/statm").read_bytes().split()[1]) * _PAGE_KIB
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // _KIB


FOOTPRINT = Footprint()
