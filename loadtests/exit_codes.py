"""How a run ends, told to the shell. `make load` passes these on."""

from typing import Final

OK: Final = 0
"""The load ran and every SLO held."""

SLO_FAILED: Final = 1
"""The load ran whole, and at least one SLO did not hold."""

USAGE_OR_SETUP: Final = 2
"""Nothing was measured, or not all of it: a bad option, a bad rule, an endpoint that does not answer."""

INTERRUPTED: Final = 130
"""Ctrl-C or SIGTERM. What was measured until then is in the report, which says so."""
