"""The folder of all reports, looked at before an hour of load and not after it."""

from __future__ import annotations

import os
from pathlib import Path

from loadtests.errors import UsageError


def check(reports: Path, *, create: bool) -> None:
    """Make sure that a report can be written there; with `create` the folder is there afterwards.

    Raises UsageError: no folder can be made or written there, or something else than a link is named `latest`.
    """
    try:
        if create:
            _write(reports)
        else:
            _look(reports)
    except OSError as error:
        raise UsageError(f"REPORTS={reports} cannot be written: {error.strerror or error}") from error
    latest = reports / "latest"
    if latest.exists() and not latest.is_symlink():
        raise UsageError(f"{latest} is in the way: it should be a link to the newest report; move it")


def _write(reports: Path) -> None:
    reports.mkdir(parents=True, exist_ok=True)
    probe = reports / f".writable-{os.getpid()}"
    probe.touch()
    probe.unlink()


def _look(reports: Path) -> None:
    """The same as far as it can be told without writing: the nearest folder that there is can be written."""
    nearest = next(folder for folder in (reports, *reports.resolve().parents) if folder.exists())
    if not nearest.is_dir():
        raise NotADirectoryError(0, f"{nearest} is no folder")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise PermissionError(0, f"no permission in {nearest}")
