"""What is wrong with a request body, in the words of AWS's validator (the library json-schema-validator).

AWS's words do not say where in the body it is: here the JSON pointer stands before them, but for the body's own root.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

from jsonschema.exceptions import ValidationError

_Words = Callable[[Any, Any], str]
"""Of a keyword's value in the schema and the instance."""


def describe(errors: list[ValidationError]) -> Iterator[str]:
    """One text an error; all properties that one object lacks make one error, as on AWS."""
    seen = set()
    for error in errors:
        words = _WORDS[error.validator](error.validator_value, error.instance) if error.validator in _WORDS else ""
        pointer = "".join(f"/{part}" for part in error.absolute_path)
        text = f"{pointer}: {words or error.message}" if pointer else words or error.message
        if text not in seen:
            seen.add(text)
            yield text


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _type(instance: Any) -> str:
    names = {str: "string", bool: "boolean", int: "integer", float: "number", dict: "object", list: "array"}
    return names.get(type(instance), "null")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


_WORDS: dict[str, _Words] = {
    "required": lambda names, instance: (
        f"object has missing required properties ({_json(sorted(set(names) - set(instance)))})"
    ),
    "type": lambda types, instance: (
        f"instance type ({_type(instance)}) does not match any allowed primitive type (allowed: {_json(_list(types))})"
    ),
    "enum": lambda values, instance: (
        f"instance value ({_json(instance)}) not found in enum (possible values: {_json(values)})"
    ),
    "minimum": lambda limit, instance: (
        f"numeric instance is lower than the required minimum (minimum: {limit}, found: {instance})"
    ),
    "maximum": lambda limit, instance: (
        f"numeric instance is greater than the required maximum (maximum: {limit}, found: {instance})"
    ),
    "minLength": lambda limit, instance: (
        f"string {_json(instance)} is too short (length: {len(instance)}, required minimum: {limit})"
    ),
    "maxLength": lambda limit, instance: (
        f"string {_json(instance)} is too long (length: {len(instance)}, maximum allowed: {limit})"
    ),
    "pattern": lambda pattern, instance: (
        f"ECMA 262 regex {_json(pattern)} does not match input string {_json(instance)}"
    ),
    "minItems": lambda limit, instance: (
        f"array is too short: must have at least {limit} elements but instance has {len(instance)} elements"
    ),
    "maxItems": lambda limit, instance: (
        f"array is too long: must have at most {limit} elements but instance has {len(instance)} elements"
    ),
    "uniqueItems": lambda _, instance: "array must not contain duplicate elements",
}
