"""How a run ends, told to the shell. `make load` passes these on."""

from collections.abc import Mapping
from typing import Final

OK: Final = 0
"""The load ran and every SLO held."""

SLO_FAILED: Final = 1
"""The load ran whole, and at least one SLO did not hold."""

USAGE_OR_SETUP: Final = 2
"""Nothing was measured, or not all of it: a bad option, a bad rule, an endpoint that does not answer, or no more."""

INTERRUPTED: Final = 130
"""Ctrl-C or SIGTERM. What was measured until then is in the report, which says so."""

_BY_WORD: Final[Mapping[str, int]] = {
    "passed": OK,
    "failed": SLO_FAILED,
    "died": USAGE_OR_SETUP,
    "interrupted": INTERRUPTED,
}


def of(word: str) -> int:
    """The exit code of a run by its verdict's word."""
    return _BY_WORD[word]
