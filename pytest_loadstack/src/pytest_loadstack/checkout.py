"""Finds the checkout of Loadstack that a sandbox is started from."""

import json
import os
from importlib import metadata
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pytest_loadstack.errors import LoadstackError

_FRONT_DOOR = Path("sandbox", "run")
_HOW = (
    "Set LOADSTACK_HOME (or --loadstack-home, or loadstack_home in the ini file) to a checkout of Loadstack, or join a "
    "sandbox that runs with LOADSTACK_ENDPOINT=http://127.0.0.1:4566."
)


def find(home: str | None, named: str = "") -> Path:
    """The checkout ``home``, which the setting ``named`` gave; without one, that which this package was installed from.

    Raises:
        LoadstackError: there is none.
    """
    if home:
        folder = Path(home).expanduser().resolve()
        if not _is_checkout(folder):
            given = f" ({named})" if named else ""
            raise LoadstackError(f"{folder}{given} is no checkout of Loadstack: it has no {_FRONT_DOOR}. {_HOW}")
        return folder
    for source in (_installed_from(), Path(__file__).resolve()):
        for folder in (source, *source.parents) if source else ():
            if _is_checkout(folder):
                return folder
    raise LoadstackError(f"No checkout of Loadstack is known. {_HOW}")


def _is_checkout(folder: Path) -> bool:
    return os.access(folder / _FRONT_DOOR, os.X_OK) and (folder / "engine").is_dir()


def _installed_from() -> Path | None:
    """The folder that pip was given, as it notes it: https://packaging.python.org/en/latest/specifications/direct-url/"""
    try:
        noted = metadata.distribution("pytest-loadstack").read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        return None
    url = urlsplit(json.loads(noted)["url"]) if noted else None
    return Path(unquote(url.path)) if url and url.scheme == "file" else None
