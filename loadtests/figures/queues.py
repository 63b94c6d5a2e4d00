"""What the samples say of the queues."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from loadtests.looks import QueueLook
from loadtests.result import Result


def by_name(result: Result) -> dict[str, Any]:
    """The contract's queues and any others there are; dead-letter queues show in what they belong to.

    Depth and age are the highest of the samples, one a second: a peak between two of them may have been higher.
    """
    looks: dict[str, list[QueueLook]] = defaultdict(list)
    for sample in result.samples:
        for name, look in sample.queues.items():
            looks[name].append(look)
    return {
        name: {
            "max_depth": max(look.depth for look in seen),
            "max_age_s": max((look.age_s for look in seen if look.age_s is not None), default=None),
            "dead_letters": result.dead_letters.get(name),
        }
        for name, seen in sorted(looks.items())
    }
