"""Dollars as people read them."""

from __future__ import annotations

from collections.abc import Callable, Sequence


def dollars(value: float | None) -> str:
    """`$1,234.57`; to a hundredth of a cent below ten cents, `$0.0123`; a dash for None."""
    if value is None:
        return "-"
    return f"${value:,.2f}" if value == 0 or abs(value) >= 0.1 else f"${value:,.4f}"


def bounds(values: Sequence[float] | None, shown: Callable[[float], str]) -> str:
    """From a least to a most; one figure where they read alike; a dash for None."""
    if values is None:
        return "-"
    return " to ".join(dict.fromkeys(map(shown, values)))
