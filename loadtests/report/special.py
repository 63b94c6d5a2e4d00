"""What only some scenarios are about: the way back after a spike, drift over hours, a stock that runs out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from loadtests.report.words import pairs

_MEANINGS: Final = {
    "recovery": "How long queues and latency took after the spike until they were as before it.",
    "drift": "The end of the run beside its beginning: a steady load must change nothing of this.",
    "stock": "Everybody wanted the same product: exactly its stock must have been sold.",
}


def special(summary: Mapping[str, Any]) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """A title, what it is about, and its figures, for each of the three that the summary has."""
    return [
        (key.capitalize(), meaning, list(pairs(summary[key]))) for key, meaning in _MEANINGS.items() if summary.get(key)
    ]
