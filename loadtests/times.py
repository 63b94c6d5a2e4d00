"""Times are epoch seconds (float, UTC) inside the harness and ISO 8601 with milliseconds outside of it."""

from datetime import UTC, datetime
from typing import Final

_STAMP: Final = "%Y%m%dT%H%M%SZ"


def parse(text: str) -> float:
    """Read `2026-11-21T10:15:30.123Z`. Raises ValueError for anything that is no time with a zone."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return moment.timestamp()


def render(epoch_s: float) -> str:
    """Write the contract's form, cut to milliseconds: `2026-11-21T10:15:30.123Z`."""
    return datetime.fromtimestamp(epoch_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def folder_stamp(epoch_s: float) -> str:
    """Write a form that sorts and is safe in file names: `20261121T101530Z`."""
    return datetime.fromtimestamp(epoch_s, UTC).strftime(_STAMP)


def parse_stamp(text: str) -> float:
    """Read `folder_stamp` back. Raises ValueError for what is no such time."""
    return datetime.strptime(text, _STAMP).replace(tzinfo=UTC).timestamp()
