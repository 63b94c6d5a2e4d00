"""Change a module as soon as it is imported, or now where it is: nothing is imported for the sake of a change."""

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Callable, Sequence
from types import ModuleType

type Change = Callable[[ModuleType], None]


class _Finder(importlib.abc.MetaPathFinder):
    """Finds modules as the finders after it do, and has them changed once they are loaded."""

    def __init__(self) -> None:
        self.changes: dict[str, list[Change]] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname not in self.changes:
            return None
        others = (finder for finder in sys.meta_path if finder is not self)
        spec = next((found for each in others if (found := each.find_spec(fullname, path, target))), None)
        if spec is not None and spec.loader is not None:
            self._change_after(spec.loader, self.changes.pop(fullname))
        return spec

    def _change_after(self, loader: importlib.abc.Loader, changes: list[Change]) -> None:
        load = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            load(module)
            for change in changes:
                change(module)

        loader.exec_module = exec_module  # type: ignore[method-assign]  # of this one module's loader


_FINDER = _Finder()


def when_imported(name: str, change: Change) -> None:
    """Call ``change`` with the module after its first import, before whoever imports it sees it."""
    if (module := sys.modules.get(name)) is not None:
        change(module)
        return
    if _FINDER not in sys.meta_path:
        sys.meta_path.insert(0, _FINDER)
    _FINDER.changes.setdefault(name, []).append(change)
