"""What a change of a schema breaks, for those who wrote or read messages of the schema as it was.

Messages lie in queues and dead-letter queues for days, so both directions count. Without breaking anything a change may
add optional fields and reword descriptions; anything else needs a new version.
"""

from collections.abc import Iterator
from typing import Any, TypeGuard

type Schema = dict[str, Any]

_WORDS_ONLY = frozenset({"$schema", "title", "description", "default", "examples", "$defs", "properties", "required"})


def breaking_changes(old: Schema, new: Schema) -> list[str]:
    """One line a breaking change, each with the path of the field; empty when there is none."""
    return list(_changes(_Resolved(old, old), _Resolved(new, new), ""))


class _Resolved:
    """A part of a document, with references followed."""

    def __init__(self, part: Schema, document: Schema) -> None:
        while "$ref" in part:
            there = document["$defs"][part["$ref"].removeprefix("#/$defs/")]
            required = {*there.get("required", ()), *part.get("required", ())}
            part = there | {name: value for name, value in part.items() if name != "$ref"} | {"required": required}
        self.part = part
        self._document = document

    def fields(self) -> "dict[str, _Resolved]":
        return {name: self.of(part) for name, part in self.part.get("properties", {}).items()}

    def required(self) -> set[str]:
        return set(self.part.get("required", ()))

    def of(self, part: Schema) -> "_Resolved":
        return _Resolved(part, self._document)


def _changes(old: _Resolved, new: _Resolved, path: str) -> Iterator[str]:
    before, after = old.fields(), new.fields()
    for name in sorted(before.keys() - after.keys()):
        yield f"{path}{name} is gone"
    for name in sorted(old.required() - new.required()):
        if name in after:
            yield f"{path}{name} is no longer always there"
    for name in sorted(new.required() - old.required()):
        yield f"{path}{name} is demanded, and older messages lack it"
    for name in sorted(before.keys() & after.keys()):
        yield from _changes(before[name], after[name], f"{path}{name}.")
    for word in sorted((old.part.keys() | new.part.keys()) - _WORDS_ONLY):
        yield from _changed_word(word, old, new, path)


def _changed_word(word: str, old: _Resolved, new: _Resolved, path: str) -> Iterator[str]:
    before, after = old.part.get(word), new.part.get(word)
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _changes(old.of(before), new.of(after), f"{path}{word}.")
    elif _is_options(before) and _is_options(after) and len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _changes(old.of(one), new.of(other), f"{path}{word}[{index}].")
    elif before != after:
        yield f"{path.removesuffix('.') or 'the message'}: {word} was {_text(before)} and is {_text(after)}"


def _is_options(value: Any) -> TypeGuard[list[Schema]]:
    return isinstance(value, list) and all(isinstance(each, dict) for each in value)


def _text(value: Any) -> str:
    return "not there" if value is None else repr(value)
