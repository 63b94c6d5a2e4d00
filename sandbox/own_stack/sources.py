"""The Python that a function's author wrote, apart from what an installer put beside it."""

from collections.abc import Iterator
from pathlib import Path

_OTHERS = frozenset({"__pycache__", "tests", "site-packages", "node_modules"})
_INSTALLED = ".dist-info"


def own(folder: Path) -> Iterator[Path]:
    """The Python files below, without tests, hidden folders and libraries: where a package is installed into a folder,
    all folders in it may be of packages, and are left out.
    """
    for parent, folders, names in folder.walk():
        if any(name.endswith(_INSTALLED) for name in folders):
            folders.clear()
        folders[:] = [name for name in folders if name not in _OTHERS and not name.startswith(".")]
        yield from (parent / name for name in names if name.endswith(".py"))
