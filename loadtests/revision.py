"""Which commit of this checkout a run was made with."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from loadtests import times

ROOT: Final = Path(__file__).resolve().parents[1]
_TIMEOUT_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Commit:
    """`id` is git's short one; `dirty`: files that git knows differ from it; `at`: epoch seconds of the commit."""

    id: str
    dirty: bool
    at: float

    def to_json(self) -> dict[str, Any]:
        """As `run.commit` of the summary has it."""
        return {"id": self.id, "dirty": self.dirty, "at": times.render(self.at)}


def commit(root: Path = ROOT) -> Commit | None:
    """The commit that is checked out; None without git, without a repository of the checkout's own, without a commit.

    Files that git does not know make nothing dirty: reports and editors leave such.
    """
    if not (root / ".git").exists():  # else git would tell of a repository around this folder
        return None
    try:
        name, at = _git(root, "log", "-1", "--abbrev=7", "--format=%h %ct").split()
        changed = _git(root, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return Commit(name, bool(changed.strip()), float(at))


def _git(root: Path, *arguments: str) -> str:
    """What git answers. A hook's `GIT_DIR` is not heeded, and the index, which others may hold, is not refreshed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return subprocess.run(
        ["git", "-C", str(root), *arguments],
        env={**environment, "GIT_OPTIONAL_LOCKS": "0"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
        timeout=_TIMEOUT_S,
    ).stdout
