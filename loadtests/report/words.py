"""Figures of the summary as names and values to read, with their units."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

_ENDING: Final = re.compile(r"(?:(?:^|_)(?P<unit>percent|ms|mb|s))?(?:_per_(?P<each>hour|s))?$")
_UNITS: Final = {"percent": "%", "ms": "ms", "mb": "MB", "s": "s"}


def pairs(figures: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Each figure by its words, nested ones with those of what they are in: `memory engine first`, `204.1 MB`;
    those of a list are numbered, a line each.

    A figure that could not be had is told as `unknown`. The unit is that of the key's ending (`p50_ms`).
    """
    for key, value in figures.items():
        name, unit = _name_and_unit(key)
        words = f"{prefix} {name}".strip()
        if isinstance(value, Mapping):
            yield from pairs(value, words)
        elif isinstance(value, list) and any(isinstance(each, Mapping) for each in value):
            for number, each in enumerate(value, start=1):
                yield f"{words} {number}", ", ".join(" ".join(pair) for pair in pairs(each))
        else:
            yield words, f"{_text(value)} {unit}".strip() if value is not None else "unknown"


def _name_and_unit(key: str) -> tuple[str, str]:
    ending = _ENDING.search(key)
    if ending is None:
        return key, ""
    unit = _UNITS.get(ending["unit"] or "", "")
    each = {"s": "a second", "hour": "an hour"}.get(ending["each"] or "", "")
    return key[: ending.start()].replace("_", " "), f"{unit} {each}".strip()


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:,.6g}"
    if isinstance(value, list | tuple):
        return " to ".join(_text(each) for each in value)
    return str(value)
