"""The legs of an order's way, as the stack's messages tell them: one delivery to one function each.

A message of `order-events` may carry a `trail`: the invocations that led to it, with what SQS, API Gateway and the
functions stamped (milliseconds since 1970). Messages without one, and what cannot be read of one, give no legs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from sys import intern
from typing import Any, NamedTuple


class Leg(NamedTuple):
    """One delivery and its invocation; times in epoch seconds, by the stack's clock. None: not told, or not there.

    Published, queued, received, started (the invocation, which is the whole batch's), taken (this record's turn).
    `attempt` above 1: SQS had delivered it before, and `received_at` is of the first time.
    """

    function: str
    request_id: str
    published_at: float | None
    queued_at: float | None
    received_at: float | None
    attempt: int
    started_at: float
    taken_at: float


def of_message(message: Mapping[str, Any], more_than: int = 0) -> tuple[Leg, ...]:
    """The legs that a message tells of, if they are `more_than` so many; else none. Never raises."""
    trail = message.get("trail")
    told = trail.get("legs") if isinstance(trail, Mapping) else None
    if not isinstance(told, list) or len(told) <= more_than:
        return ()
    try:
        return tuple(_leg(each) for each in told)
    except (AttributeError, KeyError, TypeError, ValueError):
        return ()


def from_row(row: Sequence[Sequence[Any]]) -> tuple[Leg, ...]:
    """Read legs back, after msgpack has made lists of the tuples."""
    return tuple(Leg(*each) for each in row)


def _leg(told: Mapping[str, Any]) -> Leg:
    return Leg(
        function=intern(str(told["function"])),
        request_id=str(told["requestId"]),
        published_at=_seconds(told.get("publishedAt")),
        queued_at=_seconds(told.get("queuedAt")),
        received_at=_seconds(told.get("receivedAt")),
        attempt=int(told.get("attempt") or 1),
        started_at=int(told["startedAt"]) / 1000,
        taken_at=int(told["takenAt"]) / 1000,
    )


def _seconds(milliseconds: object) -> float | None:
    return None if milliseconds is None else int(str(milliseconds)) / 1000
