"""What the samples say of the queues."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from loadtests.looks import QueueLook, Sample
from loadtests.result import Result


def by_name(result: Result) -> dict[str, Any]:
    """The contract's queues and any others there are; dead-letter queues show in what they belong to."""
    return {
        name: {**figures, "dead_letters": result.dead_letters.get(name)}
        for name, figures in highest(result.samples).items()
    }


def highest(samples: Iterable[Sample]) -> dict[str, dict[str, float | None]]:
    """Depth and age by name. Samples are one a second: a peak between two of them may have been higher."""
    looks: dict[str, list[QueueLook]] = defaultdict(list)
    for sample in samples:
        for name, look in sample.queues.items():
            looks[name].append(look)
    return {
        name: {
            "max_depth": max(look.depth for look in seen),
            "max_age_s": max((look.age_s for look in seen if look.age_s is not None), default=None),
        }
        for name, seen in sorted(looks.items())
    }
