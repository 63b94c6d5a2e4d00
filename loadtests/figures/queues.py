"""What the samples say of the queues."""

from __future__ import annotations

from typing import Any

from loadtests.result import Result


def by_name(result: Result) -> dict[str, Any]:
    """The contract's queues and any others there are; dead-letter queues show in what they belong to."""
    names = sorted({name for sample in result.samples for name in sample.depths})
    return {
        name: {
            "max_depth": max((sample.depths.get(name, 0) for sample in result.samples), default=0),
            "max_age_s": None,
            "dead_letters": result.dead_letters.get(name),
        }
        for name in names
    }
