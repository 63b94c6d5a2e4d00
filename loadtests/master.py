"""Where workers of other machines join: `MASTER=ADDRESS:PORT`, an address of this machine."""

from __future__ import annotations

import re
import socket
from typing import Final, NamedTuple

from loadtests.errors import UsageError

_FORM = re.compile(r"(?P<host>[A-Za-z0-9.-]+):(?P<port>\d{1,5})")
_HIGHEST_PORT: Final = 65_535


class Meeting(NamedTuple):
    """An address and a port."""

    host: str
    port: int


def read(text: str) -> Meeting:
    """Read `127.0.0.1:5557`. Raises UsageError for another form."""
    match = _FORM.fullmatch(text)
    if match is None or not 1 <= int(match["port"]) <= _HIGHEST_PORT:
        raise UsageError(f"MASTER={text} is no ADDRESS:PORT, such as 127.0.0.1:5557")
    return Meeting(match["host"], int(match["port"]))


def check(text: str) -> None:
    """Make sure that one can listen there, before anything starts. Raises UsageError."""
    host, port = read(text)
    try:
        with socket.create_server((host, port)):
            pass
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(
            f"MASTER={text}: cannot listen there: {reason}; give an address of this machine and a free port"
        ) from error
