"""Which schema each type of event has.

All events of orders carry the same `OrderEvent`. `PROMISES` says what the producer of each type fills in beyond what
that model demands; a consumer may rely on it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common.events import CartEvent, CartMetadata, EventType, OrderAnnouncement, OrderEvent, Reason, Stage
from common.events.order import Metadata
from common.model import Model

type Schema = dict[str, Any]

FOLDER = Path(__file__).parent
ANNOUNCEMENT = "OrderAnnouncement"
DIALECT = "https://json-schema.org/draft/2020-12/schema"


class MissingPromiseError(Exception):
    """A type of event is in EventType and neither in PROMISES nor in CARTS."""


@dataclass(frozen=True, slots=True)
class Promise:
    """What events of one type always have: these stages, these optional fields of the order, one of these reasons."""

    says: str
    stages: Sequence[Stage] = (Stage.ACCEPTED,)
    data: Sequence[str] = ("items", "payment")
    reasons: Sequence[Reason] = ()


PROMISES: Mapping[EventType, Promise] = {
    EventType.CART_CHECKED_OUT: Promise("A cart is bought; its orderId, prices and time stand."),
    EventType.ORDER_PLACED: Promise("An order is accepted and stored."),
    EventType.STOCK_RESERVED: Promise("All lines of the order are held.", (Stage.ACCEPTED, Stage.STOCK_RESERVED)),
    EventType.STOCK_REJECTED: Promise(
        "A line of the order is out of stock; nothing is held.", reasons=(Reason.OUT_OF_STOCK,)
    ),
    EventType.PAYMENT_CAPTURED: Promise("The order is charged.", (Stage.ACCEPTED, Stage.PAYMENT_CAPTURED)),
    EventType.PAYMENT_DECLINED: Promise("The order will never be charged.", reasons=(Reason.PAYMENT_DECLINED,)),
    EventType.ORDER_CANCELLED: Promise("The order was cancelled on request.", (Stage.ACCEPTED, Stage.CANCELLED)),
    EventType.PAYMENT_REFUNDED: Promise("The charge of a cancelled order went back."),
    EventType.RESERVATION_EXPIRED: Promise("The order was not paid in time; nothing is released yet."),
    EventType.ORDER_NOTIFIED: Promise("The mail is out.", (Stage.ACCEPTED, Stage.NOTIFIED), data=()),
}

CARTS: Mapping[EventType, str] = {EventType.CART_ABANDONED: "A cart with something in it was left for long."}
"""What the events of carts say, each a `CartEvent`."""


def catalogue() -> dict[str, Schema]:
    """The current schema of every type, by file name. Raises MissingPromiseError for a type without a promise."""
    return {f"{schema['title']}.v{version}.json": schema for schema, version in _schemas()}


def _schemas() -> Iterator[tuple[Schema, int]]:
    for kind in EventType:
        if kind in CARTS:
            yield cart_schema(kind), _version(CartMetadata)
            continue
        if kind not in PROMISES:
            raise MissingPromiseError(
                f"{kind.value} has no schema: say in {FOLDER.name}/catalogue.py what it promises, then make schemas"
            )
        yield event_schema(kind, PROMISES[kind]), _version(Metadata)
    yield announcement_schema(), _version(OrderAnnouncement)


def event_schema(kind: EventType, promise: Promise) -> Schema:
    """The schema of `detail`."""
    schema = _described(OrderEvent, kind.value, promise.says)
    data, metadata = schema["$defs"]["OrderData"], schema["$defs"]["Metadata"]
    data["required"] += promise.data
    for name in promise.data:
        data["properties"][name] = _filled(data["properties"][name])
    if promise.reasons:
        data["required"].append("reason")
        data["properties"]["reason"] = {"enum": [reason.value for reason in promise.reasons]}
    metadata["required"] += ["version", "stages"]
    metadata["properties"]["stages"]["required"] = [stage.value for stage in promise.stages]
    metadata["properties"]["version"] = {"const": _version(Metadata)}
    return schema


def cart_schema(kind: EventType) -> Schema:
    """The schema of `detail` of an event of carts."""
    schema = _described(CartEvent, kind.value, CARTS[kind])
    data, metadata = schema["$defs"]["CartData"], schema["$defs"]["CartMetadata"]
    data["properties"]["items"] = _filled(data["properties"]["items"])
    metadata["required"].append("version")
    metadata["properties"]["version"] = {"const": _version(CartMetadata)}
    return schema


def announcement_schema() -> Schema:
    """The schema of a message of the topic `order-events`."""
    schema = _described(OrderAnnouncement, ANNOUNCEMENT, "How far an order has come.")
    schema["properties"]["version"] = {"const": _version(OrderAnnouncement)}
    schema["required"].append("version")
    return schema


def _described(model: type[Model], title: str, description: str) -> Schema:
    schema = _without_titles(model.model_json_schema(by_alias=True))
    return {"$schema": DIALECT, "title": title, **schema, "description": description}


def _filled(field: Schema) -> Schema:
    """An optional field as it is when it is there: not null, not empty."""
    if "anyOf" in field:
        return next(option for option in field["anyOf"] if option != {"type": "null"})
    return {name: value for name, value in field.items() if name != "default"} | {"minItems": 1}


def _version(model: type[Model]) -> int:
    version: int = model.model_fields["version"].default
    return version


def _without_titles(schema: Any) -> Any:
    """Pydantic repeats each field's name as its title; only texts are titles, a field of that name is none."""
    if isinstance(schema, dict):
        return {
            name: _without_titles(value)
            for name, value in schema.items()
            if not (name == "title" and isinstance(value, str))
        }
    return [_without_titles(value) for value in schema] if isinstance(schema, list) else schema
