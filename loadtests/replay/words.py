"""What `LOG`, `SPEED`, `FROM` and `TO` ask for, checked: a plan's words, and the recording that they mean."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final

from loadtests.arrivals.recorded import Recorded
from loadtests.errors import UsageError
from loadtests.plan import MAX_ARRIVALS, MAX_DURATION_S, MAX_RATE, Plan
from loadtests.replay.reading import read
from loadtests.replay.recording import Recording
from retail_log.errors import OrderLogError
from retail_log.moments import bound

SCENARIO: Final = "replay"
SPEED: Final = 600.0
MAX_SPEED: Final = 1_000_000.0
_OTHERS: Final = ("RATE", "ARRIVALS", "USERS", "THINK", "DURATION", "WARMUP")
_OWN: Final = ("LOG", "SPEED", "FROM", "TO")
_EXAMPLE: Final = "make load SCENARIO=replay LOG=orders.csv.gz SPEED=600 FROM=2011-12-05 TO=2011-12-05"


def played(plan: Plan, typed: Mapping[str, str]) -> Plan:
    """The plan with the recording's rate and duration; one of another scenario as it is.

    `typed` has what the user wrote, by variable. Raises UsageError for words that do not belong together, a log that
    cannot be read or holds nothing to play in the range, and a run longer than a day.
    """
    if plan.scenario != SCENARIO:
        if own := next((word for word in _OWN if word in typed), None):
            raise UsageError(
                f"{own}={typed[own]} is for SCENARIO=replay: {plan.scenario} makes its orders itself "
                f"(if you did not give it, your shell's environment does: unset {own})"
            )
        return plan
    if other := next((word for word in _OTHERS if word in typed), None):
        raise UsageError(
            f"{other}={typed[other]} is not for SCENARIO=replay: its log says who orders what and when; "
            "SPEED, FROM and TO say how fast and which part"
        )
    if not plan.log:
        raise UsageError(f"SCENARIO=replay plays an order log: LOG is missing ({_EXAMPLE})")
    if not 0 < plan.speed <= MAX_SPEED:
        raise UsageError(
            f"SPEED={typed.get('SPEED', plan.speed)} is out of bounds: above 0, at most {MAX_SPEED:.0f} times as fast"
        )
    found = recording(plan)
    _check_bounds(plan, found)
    return replace(plan, rate=found.rate, users=None, duration_s=found.duration_s, warmup_s=0.0)


def _check_bounds(plan: Plan, found: Recording) -> None:
    """What any run has to keep to, in the words of this scenario."""
    part = f"LOG={plan.log} from {found.since:%F %H:%M} to {found.until:%F %H:%M} at SPEED={plan.speed:g}"
    if found.duration_s > MAX_DURATION_S:
        fast = math.ceil((found.until - found.since).total_seconds() / MAX_DURATION_S)
        raise UsageError(
            f"{part} takes {found.duration_s / 3600:.1f} h, and a run 24 h at most: give SPEED={fast} or more, or less "
            "of the log with FROM and TO"
        )
    if (count := len(found.baskets)) > MAX_ARRIVALS:
        raise UsageError(f"{part} has {count} orders; one run holds {MAX_ARRIVALS}: give less of it with FROM and TO")
    if (peak := Recorded(found.instants, found.duration_s).peak) > MAX_RATE:
        raise UsageError(f"{part} has up to {peak} orders in a second; {MAX_RATE:g} are possible: give a lower SPEED")
    if found.rate > MAX_RATE:  # of a run that is shorter than a second
        raise UsageError(f"{part} is {found.rate:.0f} orders a second; {MAX_RATE:g} are possible: give a lower SPEED")


def recording(plan: Plan) -> Recording:
    """What a plan with a log plays. It is read once in a process, so that figures are of what was played, also where
    the file has changed meanwhile. Raises UsageError.
    """
    return _recording(Path(plan.log or "").expanduser(), Path.cwd(), plan.since, plan.until, plan.speed, plan.seed)


@cache
def _recording(path: Path, here: Path, since: str | None, until: str | None, speed: float, seed: int) -> Recording:
    """A relative path is one from `here`."""
    begin, end = _bound("FROM", since, is_end=False), _bound("TO", until, is_end=True)
    if begin and end and begin >= end:
        raise UsageError(f"FROM={since} is not before TO={until}: give an earlier FROM or a later TO")
    try:
        return read(path, begin, end, speed, seed)
    except OrderLogError as error:
        given = [f"{name}={text}" for name, text in (("FROM", since), ("TO", until)) if text]
        raise UsageError(" ".join([*given, f"LOG={error}"])) from error


def _bound(name: str, text: str | None, *, is_end: bool) -> datetime | None:
    if not text:
        return None
    found = bound(text, is_end=is_end)
    if found is None:
        raise UsageError(f"{name}={text} is no date: write it as 2011-12-05, or '2011-12-05 09:30'")
    return found
