"""Splits an order's hops (`accepted→stock-reserved`) into what the time went to.

| part | from | to |
|---|---|---|
| generator | the intended send | the send |
| api | the send | API Gateway has the request; with asynchronous intake: the queue has it |
| publish | the publisher hands the message over | the queue has it; with a saga: the function starts |
| queue | the queue has it | Lambda receives it, for the first time |
| function_wait | Lambda, or API Gateway, has it | the function starts, but for its cold start |
| redelivery | Lambda received it for the first time | the invocation that succeeded starts: earlier ones had failed |
| cold_start | the environment's initialisation, by the REPORT line | |
| batch | the function starts | the records before it in the batch are done |
| running | its turn comes | its stage, and from there until the next message is handed over |

The parts of a hop add up to it: where two clocks contradict each other, the later mark gives way. A hop may take
several deliveries (a rejection comes from the queue of inventory, then from that of orders); their parts are added.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Final, NamedTuple

from loadtests.legs import Leg
from loadtests.orders import Order

PARTS: Final = (
    "generator",
    "api",
    "publish",
    "queue",
    "function_wait",
    "redelivery",
    "cold_start",
    "batch",
    "running",
)
"""In the order in which they come."""


_SENDING: Final = {"generator", "api"}


class Hop(NamedTuple):
    """From one stage to the next. `parts` in milliseconds, without those that took none; None: not known.

    `running` says of the part of that name which functions it was.
    """

    name: str
    parts: Mapping[str, float] | None
    running: Mapping[str, float]


class _Segment(NamedTuple):
    since: float
    until: float
    part: str
    function: str


def split(order: Order, inits_ms: Mapping[str, float]) -> Iterator[Hop]:
    """The hops of an order, as in `Order.hops_ms`. `inits_ms`: initialisations by Lambda request id.

    A hop is split only if its legs lead from its beginning to the invocation in which its stage was reached. Not so:
    what the sweep published, a stage that an earlier delivery had noted, two orders of one request.
    """
    if order.placed is None or not order.accepted:
        return
    segments = [] if order.duplicated else _segments(order.placed.intended, order.placed.sent, order.via, inits_ms)
    points = [("sent", order.placed.intended), *order.stages.items()]
    for (one, since), (other, until) in pairwise(points):
        parts, running = _within(segments, since, until)
        is_first = one == "sent"
        leads_there = _is_reached_in_a_function(segments, until) or (is_first and _is_queued(segments, until))
        leads_from_there = is_first or _SENDING.isdisjoint(parts)
        is_known = leads_there and leads_from_there
        yield Hop(f"{one}→{other}", parts if is_known else None, running if is_known else {})


def _is_reached_in_a_function(segments: list[_Segment], at: float) -> bool:
    return any(each.part == "running" and each.since <= at <= each.until for each in segments)


def _is_queued(segments: list[_Segment], at: float) -> bool:
    """Asynchronous intake: an order is accepted at the moment at which its queue has it."""
    return any(each.part == "queue" and each.since == at for each in segments)


def _within(segments: list[_Segment], since: float, until: float) -> tuple[dict[str, float], dict[str, float]]:
    """By part; and the part `running` by function."""
    parts: dict[str, float] = {}
    running: dict[str, float] = {}
    for each in segments:
        took_ms = (min(until, each.until) - max(since, each.since)) * 1000
        if took_ms > 0:
            parts[each.part] = parts.get(each.part, 0.0) + took_ms
            if each.part == "running":
                running[each.function] = running.get(each.function, 0.0) + took_ms
    return parts, running


def _segments(intended: float, sent: float, via: tuple[Leg, ...], inits_ms: Mapping[str, float]) -> list[_Segment]:
    """Without a gap, from the intended send on; the last one has no end."""
    if not via:
        return []
    marks = [(intended, "generator", ""), (sent, "api", "")]
    for leg in via:
        for at, part in _marks(leg, inits_ms):
            marks.append((max(at, marks[-1][0]), part, leg.function))
    marks.append((float("inf"), "", ""))
    return [_Segment(at, until, part, function) for (at, part, function), (until, _, _) in pairwise(marks)]


def _marks(leg: Leg, inits_ms: Mapping[str, float]) -> Iterator[tuple[float, str]]:
    if leg.published_at is not None:
        yield leg.published_at, "publish"
    if leg.queued_at is not None:
        yield leg.queued_at, "queue"
    if leg.received_at is not None:
        yield leg.received_at, "function_wait" if leg.attempt == 1 else "redelivery"
    if (init_ms := inits_ms.get(leg.request_id)) is not None:
        yield max(leg.started_at - init_ms / 1000, _reached_lambda(leg)), "cold_start"
    yield leg.started_at, "batch"
    yield leg.taken_at, "running"


def _reached_lambda(leg: Leg) -> float:
    """The earliest moment at which Lambda can have begun to start an environment. Nobody stamps when Lambda gets a step
    of a state machine: it is after the step before was answered.
    """
    known = (leg.received_at, leg.queued_at, leg.published_at, leg.started_at)
    return next(at for at in known if at is not None)
