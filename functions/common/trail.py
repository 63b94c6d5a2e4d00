"""How a message came to be: the invocations that led to it, each with what AWS stamped on its delivery.

A load test splits an order's time with it, and log lines bear a leg of it for traces; the shop itself never looks at
it. The consumer begins a trail for each record, what the record carries goes before it, and whoever publishes meanwhile
puts the whole on the message: no service has to know. What the sweep publishes has none. It is never stored.

It is plain JSON: models of it would cost more than all the rest. Six legs, an order's whole way, are 1.2 kB.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from time import time
from typing import Annotated, Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import WithJsonSchema

_ID = {"type": "string", "minLength": 1}
_MILLISECONDS = {"type": "integer", "minimum": 0}

_LEG = {
    "type": "object",
    "description": "One delivery to one function, and its invocation. Milliseconds since 1970, as AWS stamps them.",
    "properties": {
        "function": _ID,
        "requestId": {**_ID, "description": "Lambda's, which REPORT lines bear as well."},
        "publishedAt": {**_MILLISECONDS, "description": "The publisher handed it over."},
        "queuedAt": {**_MILLISECONDS, "description": "SQS's SentTimestamp."},
        "receivedAt": {
            **_MILLISECONDS,
            "description": "ApproximateFirstReceiveTimestamp; of a request, API Gateway's requestTimeEpoch.",
        },
        "attempt": {"type": "integer", "minimum": 1, "description": "ApproximateReceiveCount."},
        "startedAt": {**_MILLISECONDS, "description": "The invocation began: the whole batch's."},
        "takenAt": {**_MILLISECONDS, "description": "The record's turn came in its batch."},
    },
    "required": ["function", "requestId", "startedAt", "takenAt"],
}
_TRAIL = {
    "type": "object",
    "description": "How the message came to be, where that is known.",
    "properties": {
        "publishedAt": {**_MILLISECONDS, "description": "This message was handed over."},
        "legs": {"type": "array", "items": _LEG, "description": "All that went before, earliest first."},
    },
    "required": ["publishedAt", "legs"],
}

Trail = Annotated[dict[str, Any], WithJsonSchema(_TRAIL)]
"""What a message carries."""

type _Legs = tuple[dict[str, Any], ...]

_legs: ContextVar[_Legs] = ContextVar("legs", default=())


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
        leg = self._leg(_now())
        for name, attribute in _STAMPS:
            if attribute in attributes:
                leg[name] = int(attributes[attribute])
        token = _legs.set((leg,))
        try:
            yield
        finally:
            _legs.reset(token)

    @contextmanager
    def serving_request(self, context: Mapping[str, Any]) -> Iterator[None]:
        """While a request with this `requestContext` is handled, what is published is on its trail."""
        leg = self._leg(self.started_at)
        if "requestTimeEpoch" in context:
            leg["receivedAt"] = int(context["requestTimeEpoch"])
        token = _legs.set((leg,))
        try:
            yield
        finally:
            _legs.reset(token)

    @contextmanager
    def serving_step(self) -> Iterator[None]:
        """While a step of a state machine is taken, what is published or answered is on its trail."""
        token = _legs.set((self._leg(_now()),))
        try:
            yield
        finally:
            _legs.reset(token)

    def _leg(self, taken_at: int) -> dict[str, Any]:
        return {
            "function": self.function,
            "requestId": self.request_id,
            "startedAt": self.started_at,
            "takenAt": taken_at,
        }


_KNOWN_TO_THE_LOGGER = frozenset(("function", "requestId"))
_STAMPS = (
    ("queuedAt", "SentTimestamp"),
    ("receivedAt", "ApproximateFirstReceiveTimestamp"),
    ("attempt", "ApproximateReceiveCount"),
)


def follow(trail: Trail | None) -> None:
    """What is being handled came with `trail`, which goes before; nothing without one, or outside of a record."""
    legs = _legs.get()
    if trail and legs:
        this = {**legs[-1], "publishedAt": trail.get("publishedAt")}
        _legs.set((*trail.get("legs", ()), this))


def leg() -> dict[str, Any]:
    """What a log line tells of the delivery that is being handled: the stamps of its leg, and by which invocation its
    message was published (`cause`, a request id). Nothing outside of a record or a request.
    """
    legs = _legs.get()
    if not legs:
        return {}
    stamps = {name: value for name, value in legs[-1].items() if name not in _KNOWN_TO_THE_LOGGER}
    return {**stamps, "cause": legs[-2]["requestId"]} if len(legs) > 1 else stamps


def current() -> Trail | None:
    """What a message that is published now carries; None where nothing is being handled (the sweep)."""
    legs = _legs.get()
    return {"publishedAt": _now(), "legs": legs} if legs else None


def _now() -> int:
    return int(time() * 1000)
