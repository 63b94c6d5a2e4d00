"""What one look at the stack and the machine finds: plain data, whoever looked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

HARNESS: Final = "harness"
PARTS: Final = ("engine", "functions", "dynamodb", HARNESS)
"""The parts that processor time and memory are told of. The engine is LocalStack and what else it started."""


@dataclass(frozen=True, slots=True)
class QueueLook:
    """`depth`: messages visible, in flight and delayed. `age_s`: how long the oldest one that is visible or in
    flight has been there, 0 for an empty queue; None where nobody tells. `feeds`: whether it is an event source of a
    function; None where nobody tells.
    """

    depth: int
    age_s: float | None = None
    feeds: bool | None = None


@dataclass(frozen=True, slots=True)
class FunctionLook:
    """`concurrency`: the most invocations at once in the second of this look and the one before it, or at that
    instant where the engine does not keep the most. The others are counted since the engine started: `busy_s` are
    seconds in an environment, of all invocations together, `api_ran_s` those that functions ran, by their own clocks,
    for requests to the API. None: the engine does not tell.
    """

    concurrency: int
    cold_starts: int = 0
    invocations: int = 0
    throttles: int = 0
    busy_s: float | None = None
    api_ran_s: float | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """One look, at `at` (epoch seconds).

    `cpu_percent` is of this whole machine since the look before, all its processors together 100. `cpu_s`
    (processor seconds since each part began, never falling) and `memory_mb` (resident, shared pages once) are
    by part, of `PARTS` those that could be known. What could not be looked at is missing in its mapping.
    """

    at: float
    queues: dict[str, QueueLook]
    functions: dict[str, FunctionLook]
    cpu_percent: float
    cpu_s: dict[str, float] = field(default_factory=dict)
    memory_mb: dict[str, float] = field(default_factory=dict)
