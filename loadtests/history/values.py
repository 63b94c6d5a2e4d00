"""Values out of JSON that anybody may have written: of the kind that is asked for, or none."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from loadtests import times


def part(node: Mapping[str, Any], *keys: str) -> Mapping[str, Any]:
    """The object below these keys; an empty one where there is none."""
    found: object = node
    for key in keys:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def text(value: object) -> str | None:
    """A text that is not empty."""
    return value if isinstance(value, str) and value else None


def items(value: object) -> list[Any]:
    """A list's; none of what is no list."""
    return value if isinstance(value, list) else []


def number(value: object) -> float | None:
    """A finite number; no boolean."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        told = float(value)
    except OverflowError:
        return None
    return told if math.isfinite(told) else None


def moment(value: object) -> float | None:
    """Epoch seconds of a time with a zone."""
    try:
        return times.parse(value) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None
