"""What differs between two descriptions, field by field, but for what is allowed to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

MISSING = "(not there)"


@dataclass(frozen=True, slots=True)
class Difference:
    """A field and its two values: `functions/orders/configuration/Timeout: 5, 6`."""

    path: str
    left: Any
    right: Any

    def __str__(self) -> str:
        return f"{self.path}: {self.left!r}, {self.right!r}"


@dataclass(frozen=True, slots=True)
class Allowed:
    """Fields that may differ, all whose path matches `pattern` (`*` is any text), and why."""

    pattern: str
    reason: str


def differences(left: Any, right: Any) -> list[Difference]:
    """All fields that are not the same, deep in mappings and sequences; what only one side has is MISSING on the other,
    as a whole.
    """
    return list(_differences("", left, right))


def but(found: Sequence[Difference], allowed: Sequence[Allowed]) -> list[Difference]:
    """Those that nothing allows."""
    return [each for each in found if not any(fnmatchcase(each.path, one.pattern) for one in allowed)]


def unused(found: Sequence[Difference], allowed: Sequence[Allowed]) -> list[Allowed]:
    """What allows nothing any more: a list that is longer than it need be hides what comes."""
    return [one for one in allowed if not any(fnmatchcase(each.path, one.pattern) for each in found)]


def _differences(path: str, left: Any, right: Any) -> Iterator[Difference]:
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        for name in sorted(left.keys() | right.keys(), key=str):
            below = f"{path}/{name}" if path else str(name)
            yield from _differences(below, left.get(name, MISSING), right.get(name, MISSING))
    elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        for index, (one, other) in enumerate(zip(left, right, strict=True)):
            yield from _differences(f"{path}[{index}]", one, other)
    elif left != right:
        yield Difference(path, left, right)
