"""Which request of a summary an arrival stands for: the one whose latency tells of the synchronous half of a load."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_PLACING: Final = ("POST /orders", "POST /async/orders", "POST /cart/checkout")


def name(sync: Mapping[str, Any]) -> str | None:
    """The one that places an order; without any, the most frequent that changes something, else the most frequent.

    `sync` is a summary's; None where it is empty. A checkout fills its cart with more requests than it places, so
    how often a request was sent does not tell.
    """
    placing = [each for each in _PLACING if each in sync]
    writes = [each for each in sync if not each.startswith("GET ")]
    return max(placing or writes or sync, key=lambda each: _count(sync[each]), default=None)


def _count(figures: object) -> float:
    count = figures.get("count") if isinstance(figures, Mapping) else None
    return count if isinstance(count, int | float) else 0
