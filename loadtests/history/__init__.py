"""The list of all runs, `index.html` in the folder of reports: verdicts, main figures and their trend by commit."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from loadtests.errors import SetupError
from loadtests.history import page, reading
from loadtests.history.entries import Listing
from loadtests.screen import relative

_HEAD_BYTES: Final = 1000
_FIRST_PAGES: Final = "<title>Load tests · "
"""In those that were written before pages had the mark."""


def write(reports: Path) -> Listing:
    """Read all reports and write the page anew, in one step; return what is on it.

    Writers wait for each other, so that none leaves out what another has just listed. Raises OSError, and SetupError
    where another page has the name, which stays.
    """
    with _alone(reports):
        _require_ours(reports / "index.html")
        listing = reading.read(reports)
        _replace(reports / "index.html", page.render(listing))
    return listing


def rewrite(reports: Path, say: Callable[[str], None]) -> Listing | None:
    """`write` after a report was written, which counts, whatever becomes of the list: what went wrong is told.

    Ctrl-C leaves the list as it was. `DEBUG=1` raises what nobody expected.
    """
    try:
        return write(reports)
    except SetupError as error:
        say(f"this report is in no list: {error}")
        return None
    except OSError as error:
        why = error.strerror or str(error)
    except KeyboardInterrupt:
        why = "interrupted"
    except Exception as error:
        if os.environ.get("DEBUG"):
            raise
        why = f"{type(error).__name__}: {error}; DEBUG=1 shows the traceback"
    say(f"{relative(reports / 'index.html')} does not list this report ({why}): make load-history writes it anew")
    return None


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Lock the folder; where its file system has no locks, go on without."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _require_ours(path: Path) -> None:
    """Anything may be called so: REPORTS= may be a web site's folder, or a report's own."""
    if path.is_file():
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES).decode(errors="replace")
        if not any(mark in head for mark in (page.MARK, _FIRST_PAGES)):
            raise SetupError(f"{relative(path)} is not the list of runs, and stays: move it, or set REPORTS=")


def _replace(path: Path, text: str) -> None:
    """Whoever reads has the old page or the new one. Names that are no Unicode stand there with question marks."""
    draft = path.with_name(f".draft-{os.getpid()}-{path.name}")  # one at a time: see `_alone`
    try:
        draft.write_text(text, encoding="utf-8", errors="replace")
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
