"""Converters made from a service's model once, for JSON: what LocalStack's parser and serializer find out each time.

They do what ``JSONRequestParser`` and ``JSONResponseSerializer`` do (``localstack/aws/protocol``). Where those would
raise or log they raise: callers then take LocalStack's way, for its answer.
"""

import base64
from collections.abc import Callable
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape
from localstack.aws.protocol.parser import JSONRequestParser
from localstack.aws.protocol.serializer import JSONResponseSerializer

Converter = Callable[[Any], Any]
Made = dict[str, Converter]  # by name of the structure, for those that contain themselves

_SCALARS: dict[str, Converter] = {
    "integer": int,
    "long": int,
    "float": float,
    "double": float,
    "blob": base64.b64decode,
}


class UnsupportedShapeError(Exception):
    """The shape has something that is not plain JSON."""


def parser(shape: Shape | None) -> Converter:
    """From decoded JSON to what a provider takes.

    Raises:
        UnsupportedShapeError: see there.
    """
    return _same if shape is None else _parser(shape, {}) or _same


def serializer(shape: Shape | None) -> Converter:
    """From what a provider returns to what ``json.dumps`` takes.

    Raises:
        UnsupportedShapeError: see there.
    """
    return _nothing if shape is None else _serializer(shape, {}) or _same


def _same(value: Any) -> Any:
    return value


def _nothing(value: Any) -> dict[str, Any]:
    return {}


def _check(shape: Shape) -> None:
    if shape.serialization.get("location") or getattr(shape, "event_stream_name", None):
        raise UnsupportedShapeError(shape.name)


def _parser(shape: Shape, made: Made) -> Converter | None:
    """None where the value stays as it is."""
    _check(shape)
    if isinstance(shape, StructureShape):
        return None if shape.is_document_type else _structure_parser(shape, made)
    if isinstance(shape, ListShape):
        return _list_parser(_parser(shape.member, made) or _same)
    if isinstance(shape, MapShape):
        return _map_parser(_parser(shape.value, made) or _same)
    if shape.type_name == "timestamp":
        return _timestamp_parser(shape.serialization.get("timestampFormat"))
    return _SCALARS.get(shape.type_name)


def _structure_parser(shape: StructureShape, made: Made) -> Converter:
    if shape.name in made:
        return lambda value: made[shape.name](value)
    made[shape.name] = _same
    required = set(shape.required_members)
    members = [
        (name, member.serialization.get("name", name), _parser(member, made), name in required)
        for name, member in shape.members.items()
    ]

    def parse(value: Any) -> dict[str, Any]:
        parsed = {}
        for name, key, convert, is_required in members:
            found = value.get(key)
            if found is not None:
                parsed[name] = convert(found) if convert else found
            elif is_required:
                parsed[name] = None
        return parsed

    made[shape.name] = parse
    return parse


def _list_parser(convert: Converter) -> Converter:
    def parse(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise TypeError(f"not a list: {value}")
        return [None if item is None else convert(item) for item in value]

    return parse


def _map_parser(convert: Converter) -> Converter:
    def parse(value: Any) -> dict[str, Any]:
        return {key: None if item is None else convert(item) for key, item in value.items()}

    return parse


def _timestamp_parser(timestamp_format: str | None) -> Converter:
    localstacks = JSONRequestParser(None)
    return lambda value: localstacks._convert_str_to_timestamp(value, timestamp_format)


def _serializer(shape: Shape, made: Made) -> Converter | None:
    """None where the value stays as it is."""
    _check(shape)
    if isinstance(shape, StructureShape):
        return None if shape.is_document_type else _structure_serializer(shape, made)
    if isinstance(shape, ListShape):
        return _list_serializer(_serializer(shape.member, made) or _same)
    if isinstance(shape, MapShape):
        return _map_serializer(_serializer(shape.value, made) or _same)
    localstacks = JSONResponseSerializer()
    if shape.type_name == "timestamp":
        timestamp_format = shape.serialization.get("timestampFormat")
        return lambda value: localstacks._convert_timestamp_to_str(value, timestamp_format)
    return localstacks._get_base64 if shape.type_name == "blob" else None


def _structure_serializer(shape: StructureShape, made: Made) -> Converter:
    if shape.name in made:
        return lambda value: made[shape.name](value)
    made[shape.name] = _same
    members = {
        name: (member.serialization.get("name", name), _serializer(member, made))
        for name, member in shape.members.items()
    }

    def serialize(value: Any) -> dict[str, Any]:
        serialized = {}
        for name, member in value.items():
            if member is not None:
                key, convert = members[name]  # an unknown one raises: LocalStack logs and drops it
                serialized[key] = convert(member) if convert else member
        return serialized

    made[shape.name] = serialize
    return serialize


def _list_serializer(convert: Converter) -> Converter:
    return lambda value: [convert(item) for item in value if item is not None]


def _map_serializer(convert: Converter) -> Converter:
    return lambda value: {key: convert(item) for key, item in value.items() if item is not None}
