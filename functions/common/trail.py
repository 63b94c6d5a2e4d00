"""How a message came to be: the invocations that led to it, each with what AWS stamped on its delivery.

A load test splits an order's time with it, and so could a trace; the shop itself never looks at it. The consumer begins
a trail for each record, what the record carries goes before it, and whoever publishes meanwhile puts the whole on the
message: no service has to know. What the sweep publishes has none. It is never stored. Six legs, an order's whole way,
are 1.1 kB and cost some microseconds.

All times are milliseconds since 1970, as SQS and API Gateway stamp them.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from time import time
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from common.model import Model


class Leg(Model):
    """One delivery to one function, and that function's invocation."""

    function: str
    request_id: str
    """The Lambda request id, which REPORT lines bear as well."""
    published_at: int | None = None
    """When the publisher handed it over; absent where it does not say."""
    queued_at: int | None = None
    """SQS's SentTimestamp; absent where there is no queue."""
    received_at: int | None = None
    """When Lambda first had it (ApproximateFirstReceiveTimestamp), or API Gateway the request (requestTimeEpoch)."""
    attempt: int = 1
    """Which delivery this is (ApproximateReceiveCount)."""
    started_at: int
    """When the invocation began: the whole batch's."""
    taken_at: int
    """When this record's turn came in its batch."""


class Trail(Model):
    """What a message carries: when it was handed over, and all that went before, earliest first."""

    published_at: int
    legs: tuple[Leg, ...]


_legs: ContextVar[tuple[Leg, ...]] = ContextVar("legs", default=())


@dataclass(frozen=True, slots=True)
class Invocation:
    """The invocation at hand, since its first line."""

    function: str
    request_id: str
    started_at: int

    @classmethod
    def of(cls, context: LambdaContext) -> "Invocation":
        """The one that starts now."""
        return cls(context.function_name, context.aws_request_id, _now())

    @contextmanager
    def serving_record(self, attributes: Mapping[str, str]) -> Iterator[None]:
        """While an SQS record with these `attributes` is handled, what is published is on its trail."""
        leg = Leg(
            function=self.function,
            request_id=self.request_id,
            queued_at=_stamp(attributes, "SentTimestamp"),
            received_at=_stamp(attributes, "ApproximateFirstReceiveTimestamp"),
            attempt=_stamp(attributes, "ApproximateReceiveCount") or 1,
            started_at=self.started_at,
            taken_at=_now(),
        )
        with _walking(leg):
            yield

    @contextmanager
    def serving_request(self, context: Mapping[str, Any]) -> Iterator[None]:
        """While a request with this `requestContext` is handled, what is published is on its trail."""
        leg = Leg(
            function=self.function,
            request_id=self.request_id,
            received_at=_stamp(context, "requestTimeEpoch"),
            started_at=self.started_at,
            taken_at=self.started_at,
        )
        with _walking(leg):
            yield


def follow(trail: Trail | None) -> None:
    """What is being handled came with `trail`, which goes before; nothing without one, or outside of a record."""
    legs = _legs.get()
    if trail is None or not legs:
        return
    this = legs[-1].model_copy(update={"published_at": trail.published_at})
    _legs.set((*trail.legs, this))


def current() -> Trail | None:
    """What a message that is published now carries; None where nothing is being handled (the sweep)."""
    legs = _legs.get()
    return Trail(published_at=_now(), legs=legs) if legs else None


@contextmanager
def _walking(leg: Leg) -> Iterator[None]:
    token = _legs.set((leg,))
    try:
        yield
    finally:
        _legs.reset(token)


def _now() -> int:
    return int(time() * 1000)


def _stamp(stamps: Mapping[str, Any], name: str) -> int | None:
    value = stamps.get(name)
    return None if value is None else int(value)
