"""What limited the load, and never more than the evidence carries.

- `generator`: arrivals left late although there was room for them. The figures then describe it, not the stack.
- `stack`: its own settings did. Functions were throttled, or work piled up while the processors had room.
- `sandbox`: work piled up while this machine's processors, or the one that LocalStack's interpreter can use, were
  taken up: a bigger machine, or AWS, may well do more.
- None: nothing piled up; a higher rate may show a limit (`SCENARIO=ramp`).

Work piles up in a step of the schedule when by its end more than a tenth of what was due in it is not done, more
than was so at its beginning, and that is a second's worth at least.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from loadtests.arrivals.schedule import Schedule
from loadtests.figures import arrival
from loadtests.figures import work as of_work
from loadtests.figures.samples import growth, within
from loadtests.figures.scaling import Step, steps
from loadtests.result import Result

LATE_MS: Final = 50.0
"""Arrivals that leave later than this at the 99th percentile are no longer those that were asked for."""

LATE_SHARE: Final = 0.1
"""And by more than this share of what an order's answer took at the 95th: less than that hides in the noise."""

BUSY_PERCENT: Final = 90.0
"""Of all processors of this machine; what is left is the idle moments between two events."""

BUSY_CORES: Final = 0.9
"""Of one processor: LocalStack is one Python process, whose threads take turns."""

PILED_UP: Final = 0.1


@dataclass(frozen=True, slots=True)
class PileUp:
    """A step in which work piled up, and how busy the machine and its parts were meanwhile.

    `busy_percent` is of the whole machine, `cores` by part; None and empty where no sample tells. `is_here`: the stack
    told of its parts at some time of the run, which one that is elsewhere never does.
    """

    step: Step
    waiting: int
    busy_percent: float | None
    cores: Mapping[str, float]
    is_here: bool

    @property
    def is_sandbox(self) -> bool:
        """Whether it was for lack of processor time here; unknown for a stack that is elsewhere, so no."""
        if not self.is_here:
            return False
        return (self.busy_percent or 0.0) >= BUSY_PERCENT or self.cores.get("engine", 0.0) >= BUSY_CORES


def lateness_ms(result: Result) -> list[float]:
    """How much after its instant each measured arrival left."""
    return [(sent - due) * 1000 for due, sent in arrival.left(result).items()]


def verdict(
    result: Result, functions: dict[str, dict[str, Any]] | None, schedule: Schedule | None = None
) -> dict[str, Any]:
    """Return `{limit, evidence}`; `limit` is `generator`, `stack`, `sandbox` or None, `evidence` a sentence."""
    late = lateness_ms(result)
    late_p99 = float(np.percentile(late, 99)) if late else 0.0
    throttles = sum(int(figures.get("throttles") or 0) for figures in (functions or {}).values())
    piled_up = next(pile_ups(result, schedule), None) if schedule is not None else None
    evidence = "; ".join(_evidence(result, late_p99, throttles, piled_up))
    is_late = late_p99 > LATE_MS and late_p99 > LATE_SHARE * _answered_p95_ms(result)
    return {"limit": _limit(is_late, throttles, piled_up), "evidence": evidence}


def pile_ups(result: Result, schedule: Schedule) -> Iterator[PileUp]:
    """The steps in which work piled up, in their order."""
    work = of_work.of(result)
    is_here = any("engine" in sample.cpu_s for sample in result.samples)
    for step in steps(result, schedule):
        waiting = work.outstanding(step.until)
        due = len(work.due(step.since, step.until))
        if waiting - work.outstanding(step.since) > PILED_UP * due and waiting >= max(step.rate, 2.0):
            seen = within(result.samples, step.since, step.until)
            busy = float(np.mean([sample.cpu_percent for sample in seen])) if seen else None
            used_s = growth(result.samples, step.since, step.until)
            cores = {part: seconds / step.seconds for part, seconds in used_s.items()}
            yield PileUp(step, waiting, busy, cores, is_here)


def _limit(is_late: bool, throttles: int, piled_up: PileUp | None) -> str | None:
    if is_late:
        return "generator"
    if piled_up is not None and piled_up.is_sandbox:
        return "sandbox"
    return "stack" if throttles or piled_up is not None else None


def _answered_p95_ms(result: Result) -> float:
    answered = [
        (order.placed.answered - order.placed.intended) * 1000 for order in result.measured_orders if order.placed
    ]
    return float(np.percentile(answered, 95)) if answered else 0.0


def _evidence(result: Result, late_p99: float, throttles: int, piled_up: PileUp | None) -> list[str]:
    told = [f"arrivals left up to {late_p99:.1f} ms late (p99)"]
    if dropped := result.measured_dropped:
        told.append(f"{len(dropped)} arrivals were dropped because too many waited for an answer")
    if throttles:
        told.append(f"functions were throttled {throttles} times")
    told.append(_piled_up(piled_up) if piled_up is not None else "nothing piled up")
    cpu = [sample.cpu_percent for sample in result.samples if sample.at >= result.started_at]
    if cpu:
        mean = float(np.mean(cpu))
        busy = "; it was at its limit" if mean >= BUSY_PERCENT else ""
        told.append(f"this machine's processors were {mean:.0f} % busy on average{busy}")
    return told


def _piled_up(found: PileUp) -> str:
    told = f"from {found.step.rate:g} a second on work piled up, {found.waiting} were not done by the end of that step"
    if found.busy_percent is not None:
        told += f", with the processors {found.busy_percent:.0f} % busy"
    if found.cores:
        told += " (" + ", ".join(f"{part} {cores:.2f} of one" for part, cores in found.cores.items()) + ")"
    return told
