"""What the history tells of a folder of reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

type Kind = Literal["comparison", "matrix"]


@dataclass(frozen=True, slots=True)
class Commit:
    """As `run.commit` of a summary has it; `at` in epoch seconds."""

    id: str
    dirty: bool
    at: float


@dataclass(frozen=True, slots=True)
class Run:
    """One run. `load` tells runs of the same load (`same_load`), `limit` what limited it.

    `figures` has the keys of `figures.KEYS`; what is not known is None. `has_page`: `index.html` is there.
    """

    folder: str
    has_page: bool
    scenario: str
    flow: str | None
    started_at: float
    load: str
    state: str
    verdict: str
    sentence: str
    limit: str | None
    commit: Commit | None
    figures: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Collected:
    """A page that was made of several runs. `verdict` and `sentence` are empty where it gives none."""

    folder: str
    kind: Kind
    made_at: float
    verdict: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A folder with a report's name whose report cannot be read, and why."""

    folder: str
    why: str


@dataclass(frozen=True, slots=True)
class Listing:
    """Everything, the newest first. `left_out` older folders were not looked at."""

    runs: list[Run] = field(default_factory=list)
    collected: list[Collected] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    left_out: int = 0
