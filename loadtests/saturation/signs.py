"""A sign of a limit: a figure, and the value from which it counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

type Limit = Literal["generator", "sandbox", "stack"]


@dataclass(frozen=True, slots=True)
class Sign:
    """`what` names the figure, `reason` says it as a clause with its value, `hint` what to do about it.

    `value` None: nobody tells, so it is no sign. It counts from `at_least` on, unless there is more to it that does
    not hold (`applies`). `limit` None: that something limited the load, whatever it was. `alone`: it limits the load
    though no work piled up.
    """

    limit: Limit | None
    what: str
    value: float | None
    at_least: float
    unit: str
    reason: str
    hint: str
    applies: bool = True
    alone: bool = False

    @property
    def counts(self) -> bool:
        """Whether it is a sign of that limit."""
        return self.applies and self.value is not None and self.value >= self.at_least

    def told(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "limit": self.limit,
            "what": self.what,
            "value": rounded(self.value),
            "at_least": rounded(self.at_least),
            "unit": self.unit,
            "counts": self.counts,
        }


@dataclass(frozen=True, slots=True)
class Findings:
    """The signs of one limit, the strongest first; the figures behind them as JSON; what to say of them in any case."""

    signs: list[Sign]
    figures: dict[str, Any]
    told: list[str]

    @property
    def first(self) -> Sign | None:
        """The first that counts."""
        return next((sign for sign in self.signs if sign.counts), None)


def rounded(value: float | None) -> float | None:
    """For JSON."""
    return None if value is None else round(value, 3)
