"""The order book: what was sent, what the stack says became of it, and what is missing.

It is told of every order that was placed and of every message from the topic, in any order, any number of
times, among messages of other users of the topic, and works out for each order where it stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from itertools import pairwise
from typing import Any, Final, Literal
from zlib import crc32

from loadtests import legs, times
from loadtests.legs import Leg
from loadtests.records import Placed

STAGES: Final = (
    "accepted",
    "stock-reserved",
    "payment-captured",
    "confirmed",
    "rejected",
    "cancelled",
    "notified",
)
"""The contract's stages, in the order in which an order can pass them."""

Status = Literal["CONFIRMED", "REJECTED", "CANCELLED", "LOST", "NOT_ACCEPTED"]

_FINAL: Final[Mapping[str, Status]] = {
    "cancelled": "CANCELLED",
    "confirmed": "CONFIRMED",
    "rejected": "REJECTED",
}
_CAUSES: Final[Mapping[str, str]] = {
    "stock-reserved": "accepted",
    "payment-captured": "stock-reserved",
    "confirmed": "payment-captured",
    "rejected": "accepted",
    "cancelled": "accepted",
}
"""What must have come before. What happens in a cancelled order meanwhile may come before or after its end."""

LATE_AFTER_S: Final = 30.0
"""The longest that an order may take to its decision: the drain's limit, for each order from its own intended send."""

TRACED: Final = 50_000
"""Orders of a run whose legs are kept, at most: some 2 kB each."""

_RANK: Final = {stage: rank for rank, stage in enumerate(STAGES)}


@dataclass(slots=True)
class Order:
    """All that is known of one intended order, by its correlation id.

    Its life: *placed* (the API answered) and *heard of* (messages came) happen in either order. Accepted with
    a final stage, it is CONFIRMED, REJECTED or CANCELLED; accepted and without one it is LOST, as far as we
    know at that moment; placed and not accepted it is NOT_ACCEPTED, whatever came after.
    """

    correlation_id: str
    placed: Placed | None = None
    heard: dict[str, dict[str, float]] = field(default_factory=dict)
    """Stage times (epoch seconds, the earliest told of) by order id; more than one id is a duplicate."""

    via: tuple[Leg, ...] = ()
    """How it came about, delivery by delivery: the longest that a message told; empty where none did."""

    late_after_s: float = LATE_AFTER_S

    @property
    def order_id(self) -> str | None:
        """The id that the API answered, else the first that a message gave."""
        if self.placed is not None and self.placed.order_id is not None:
            return self.placed.order_id
        return next(iter(self.heard), None)

    @property
    def accepted(self) -> bool:
        """Whether the API promised (202) that this order will come to an end."""
        return self.placed is not None and self.placed.order_id is not None

    @property
    def stages(self) -> dict[str, float]:
        """Stage times of this order, in the order of `STAGES`."""
        known = self.heard.get(self.order_id or "", {})
        return dict(sorted(known.items(), key=lambda item: _RANK.get(item[0], len(STAGES))))

    @property
    def status(self) -> Status:
        """Where the order stands; a cancelled one was confirmed before, or never decided upon."""
        if not self.accepted:
            return "NOT_ACCEPTED"
        known = self.heard.get(self.order_id or "", {})
        return next((status for stage, status in _FINAL.items() if stage in known), "LOST")

    @property
    def duplicated(self) -> bool:
        """Two orders came of one, or one order came to two ends that exclude each other.

        A confirmed order may be cancelled later; a rejected one is neither confirmed nor cancelled.
        """
        ids = set(self.heard)
        if self.accepted and self.order_id is not None:
            ids.add(self.order_id)
        return len(ids) > 1 or any(
            "rejected" in known and ("confirmed" in known or "cancelled" in known) for known in self.heard.values()
        )

    @property
    def out_of_order(self) -> bool:
        """Whether a stage bears an earlier time than one that it follows from, by the stack's clock.

        In which order messages arrive says nothing: a topic promises none.
        """
        known = self.heard.get(self.order_id or "", {})
        ends = [known[stage] for stage in _FINAL if stage in known]
        return any(
            known[stage] < known[cause] for stage, cause in _CAUSES.items() if stage in known and cause in known
        ) or ("notified" in known and bool(ends) and known["notified"] < min(ends))

    @property
    def late(self) -> bool:
        """Whether it was decided, but more than `late_after_s` after its intended send."""
        latency_ms = self.latency_ms
        return latency_ms is not None and latency_ms > self.late_after_s * 1000

    @property
    def decided_at(self) -> float | None:
        """When it was confirmed or rejected, by the stack's clock; None before, and for one that was
        cancelled first.
        """
        known = self.heard.get(self.order_id or "", {})
        return min((known[stage] for stage in ("confirmed", "rejected") if stage in known), default=None)

    @property
    def latency_ms(self) -> float | None:
        """From the intended send to confirmed or rejected; None unless it was accepted and got there."""
        if self.placed is None or not self.accepted or (decided := self.decided_at) is None:
            return None
        return (decided - self.placed.intended) * 1000

    def hops_ms(self) -> Iterator[tuple[str, float]]:
        """Yield `("sent→accepted", ms)`, `("accepted→stock-reserved", ms)`, …: the stages that were told,
        pairwise.

        They add up to the time from the intended send to the last stage. A stage that nobody told of is
        bridged.
        """
        if self.placed is None or not self.accepted:
            return
        known = [("sent", self.placed.intended), *self.stages.items()]
        for (one, since), (other, until) in pairwise(known):
            yield f"{one}→{other}", (until - since) * 1000

    def to_row(self) -> list[Any]:
        """The fields in their order, for another process."""
        return [getattr(self, each.name) for each in fields(self)]

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Order:
        """Read `to_row` back, after msgpack has made lists of the tuples."""
        correlation_id, placed, heard, via, late_after_s = row
        return cls(correlation_id, None if placed is None else Placed(*placed), heard, legs.from_row(via), late_after_s)


class OrderBook:
    """All orders of one process: those whose correlation id starts with `prefix`.

    Messages of other users of the topic are ignored. Messages that cannot be read are counted in
    `unreadable`. An order is late after `late_after_s`. Of each `trace_every`-th order or so the legs are kept, of
    `traced_at_most` in all.
    """

    def __init__(
        self, prefix: str, late_after_s: float = LATE_AFTER_S, trace_every: int = 1, traced_at_most: int = TRACED
    ) -> None:
        self._prefix = prefix
        self._late_after_s = late_after_s
        self._trace_every = trace_every
        self._traced_at_most = traced_at_most
        self._traced = 0
        self._orders: dict[str, Order] = {}
        self._correlation_ids: dict[str, str] = {}
        self._undecided: set[str] = set()
        self._unnotified: set[str] = set()
        self._changed: set[str] = set()
        self.unreadable = 0

    def __iter__(self) -> Iterator[Order]:
        """All orders that were placed or heard of, by the time of the first word."""
        return iter(list(self._orders.values()))

    @property
    def outstanding(self) -> int:
        """Accepted orders without a final stage."""
        return len(self._undecided)

    def overdue(self, now: float) -> int:
        """Accepted orders without a final stage that would be late by now."""
        return sum(self._age_s(name, now) > self._late_after_s for name in self._undecided)

    @property
    def unnotified(self) -> int:
        """Accepted orders that came to an end whose mail has not been told of."""
        return len(self._unnotified)

    def place(self, placed: Placed) -> Order:
        """Enter what the API answered. The same correlation id again replaces the earlier answer."""
        order = self._order(placed.correlation_id)
        order.placed = placed
        if placed.order_id is not None:
            self._correlation_ids.setdefault(placed.order_id, placed.correlation_id)
        self._track(order)
        return order

    def hear(self, message: Mapping[str, Any]) -> Order | None:
        """Enter a message from the topic; return the order if it is one of ours that just came to a final
        stage.

        A repeated or late message changes nothing that was known; each carries the whole timeline so far, so
        that a missing or overtaken message leaves no gap.
        """
        order = self._find(message)
        if order is None:
            return None
        try:
            order_id, told = str(message["orderId"]), list(_timeline(message))
        except (KeyError, TypeError, ValueError):
            self.unreadable += 1
            return None
        known = order.heard.setdefault(order_id, {})
        was_final = any(stage in known for stage in _FINAL)
        for stage, at in told:
            known[stage] = min(at, known.get(stage, at))
        self._trace(order, message)
        self._track(order)
        return order if not was_final and any(stage in known for stage in _FINAL) else None

    def take_changed(self, *, ended: bool) -> list[Order]:
        """The orders of which something new was told since they were last taken; with `ended`, those that need
        no more waiting for.
        """
        taken = {name for name in self._changed if not ended or self._has_ended(name)}
        self._changed -= taken
        return [self._orders[name] for name in sorted(taken)]

    def _age_s(self, name: str, now: float) -> float:
        placed = self._orders[name].placed
        return now - placed.intended if placed else 0.0

    def _has_ended(self, name: str) -> bool:
        return self._orders[name].placed is not None and name not in self._undecided and name not in self._unnotified

    def _find(self, message: Mapping[str, Any]) -> Order | None:
        correlation_id = message.get("correlationId")
        if not isinstance(correlation_id, str) or not correlation_id.startswith(self._prefix):
            correlation_id = self._correlation_ids.get(str(message.get("orderId")))
        if correlation_id is None:
            return None
        return self._order(correlation_id)

    def _order(self, correlation_id: str) -> Order:
        if correlation_id not in self._orders:
            self._orders[correlation_id] = Order(correlation_id, late_after_s=self._late_after_s)
        return self._orders[correlation_id]

    def _trace(self, order: Order, message: Mapping[str, Any]) -> None:
        """Keep the legs that `message` tells of, if it is an order of the sample and they are the longest way yet."""
        if not order.via and (
            self._traced >= self._traced_at_most or crc32(order.correlation_id.encode()) % self._trace_every
        ):
            return
        if told := legs.of_message(message, more_than=len(order.via)):
            self._traced += not order.via
            order.via = told

    def _track(self, order: Order) -> None:
        """Keep the two sets that the drain waits for, so that it need not look at every order."""
        status = order.status
        self._changed.add(order.correlation_id)
        self._undecided.discard(order.correlation_id)
        self._unnotified.discard(order.correlation_id)
        if status == "LOST":
            self._undecided.add(order.correlation_id)
        elif status in ("CONFIRMED", "REJECTED") and "notified" not in order.heard[order.order_id or ""]:
            self._unnotified.add(order.correlation_id)


def trace_every(orders: float) -> int:
    """Of each how many of so many orders the legs are kept: of all, but of a sample of more than `TRACED`."""
    return max(1, round(orders / TRACED))


def _timeline(message: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """The stages that a message tells of: its own, then its timeline's."""
    if "stage" in message:
        yield str(message["stage"]), times.parse(message["at"])
    for entry in message.get("timeline") or ():
        yield str(entry["stage"]), times.parse(entry["at"])
