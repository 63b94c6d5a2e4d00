"""Whether two sides can be compared: the same load on the same kind of place; and what else differs, or disturbs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from loadtests import address, saturation
from loadtests.compare.reports import Report
from loadtests.errors import LoadtestError, UsageError

_LOAD: Final[Mapping[str, Callable[[Mapping[str, Any]], Any]]] = {
    "scenarios": lambda summary: summary["scenario"],
    "load models": lambda summary: summary["arrival"]["model"],
    "rates": lambda summary: summary["arrival"].get("rate_per_s"),
    "numbers of users": lambda summary: summary["arrival"].get("users"),
    "pauses (THINK)": lambda summary: summary["arrival"].get("think_s"),
    "spacings (ARRIVALS)": lambda summary: summary["arrival"].get("pattern"),
    "steps of the rate": lambda summary: _steps(summary),
    "order logs": lambda summary: _log(summary),
    "hosts": lambda summary: _place(summary["host"]),
}
"""What must be equal, and how it is called in a message."""

_TOLD: Final[Mapping[str, Callable[[Mapping[str, Any]], Any]]] = {
    "flow": lambda summary: summary.get("flow"),
    "engine": lambda summary: summary.get("engine"),
    "duration": lambda summary: f"{summary['duration_s']:g} s",
    "workers": lambda summary: summary["run"].get("workers"),
    "commit": lambda summary: commit(summary),
}
"""What may differ, and is told: it may be what the comparison is about."""


CROWDED: Final = 0.25
"""Of the machine's processors: from such a share that others use, latencies are as much about them."""


_APART: Final = 0.025
"""Of a run: half a slice of its twenty."""


def require_alike(a: Sequence[Report], b: Sequence[Report]) -> None:
    """Raises UsageError where the runs were asked for different loads or places, or a run is on both sides."""
    if shared := {each.folder.resolve() for each in a} & {each.folder.resolve() for each in b}:
        raise UsageError(f"A and B both name {min(shared).name}: a run compared with itself says nothing")
    if search := next((each for each in (*a, *b) if each.summary.get("breakpoint")), None):
        raise UsageError(
            f"{search.name} is a search, whose steps have rates of their own: "
            "reports/index.html has the trend of the rates that searches found"
        )
    first = a[0]
    for other in (*a[1:], *b):
        for what, look in _LOAD.items():
            one, two = look(first.summary), look(other.summary)
            if one != two:
                raise UsageError(
                    f"{first.name} and {other.name} have different {what}: {_shown(one)} and "
                    f"{_shown(two)}; compare runs of the same load"
                )


def are_side_by_side(a: Sequence[Report], b: Sequence[Report]) -> bool:
    """Whether it is one run each, at the same time: slices of the one are those of the other, but for half a slice."""
    if (len(a), len(b)) != (1, 1):
        return False
    one, other = a[0], b[0]
    apart_s = max(abs(one.started_at - other.started_at), abs(one.seconds - other.seconds))
    return apart_s <= min(one.seconds, other.seconds) * _APART


def are_in_step(a: Sequence[Report], b: Sequence[Report]) -> bool:
    """Whether runs side by side had evenly spaced arrivals: a request of the one then always meets the same one of the
    other, and waits for it, or never does.
    """
    return are_side_by_side(a, b) and a[0].summary["arrival"].get("pattern") == "even"


def differences(a: Sequence[Report], b: Sequence[Report]) -> list[str]:
    """In what else the sides differ, a sentence each."""
    return list(_differences(a, b))


def _differences(a: Sequence[Report], b: Sequence[Report]) -> Iterator[str]:
    for what, look in _TOLD.items():
        one, two = ({str(_shown(look(each.summary))) for each in side} for side in (a, b))
        if one != two:
            yield f"{what}: A {', '.join(sorted(one))}; B {', '.join(sorted(two))}"
    yield from _late(a, b)
    if are_in_step(a, b):
        yield "both ran at the same time with arrivals in step: give ARRIVALS=jittered, and each a SEED of its own"
    if are_side_by_side(a, b):
        return
    if len({harness_work(each.summary) for each in (*a, *b)}) > 1:
        yield "flow or workers, and so the harness's own work: whether the machine was slower is not known"
    for name, side in (("A", a), ("B", b)):
        for each in side:
            if is_crowded(each.summary):
                machine = each.summary["run"]["machine"]
                yield (
                    f"{name}: others used {machine['others']:g} of the machine's {machine['processors']} processors in "
                    f"{each.name}"
                )


def _late(a: Sequence[Report], b: Sequence[Report]) -> Iterator[str]:
    for name, side in (("A", a), ("B", b)):
        for each in side:
            if is_late(each.summary):
                yield f"{name}: the generator was late in {each.name}, its figures are of another load"


def commit(summary: Mapping[str, Any]) -> str | None:
    """The short id of the commit that was measured, with a `+` where the checkout had changes; None: not known."""
    told = summary["run"].get("commit")
    return f"{told['id']}{'+' if told.get('dirty') else ''}" if isinstance(told, Mapping) else None


def harness_work(summary: Mapping[str, Any]) -> tuple[str, str]:
    """What the harness's work for an order depends on: messages of another flow, processes to keep together."""
    return str(summary.get("flow")), str(summary["run"].get("workers"))


def is_late(summary: Mapping[str, Any]) -> bool:
    """Whether arrivals left late, or the generator had no time for them: its figures are of another load."""
    told = summary.get("saturation") or {}
    return told.get("limit") == "generator" or saturation.is_late(told)


def is_crowded(summary: Mapping[str, Any]) -> bool:
    """Whether others used so much of the machine that latencies are as much about them."""
    return (crowd(summary) or 0.0) >= CROWDED


def crowd(summary: Mapping[str, Any]) -> float | None:
    """The share of the machine's processors that neither the sandbox nor the harness used; None: not known."""
    machine = summary["run"].get("machine")
    return machine["others"] / machine["processors"] if isinstance(machine, Mapping) else None


def _steps(summary: Mapping[str, Any]) -> Any:
    """The steps of a rate that changes; a constant rate may be held for any time."""
    steps = summary["arrival"].get("steps") or []
    return [tuple(step.values()) for step in steps] if len(steps) > 1 else None


def _log(summary: Mapping[str, Any]) -> Any:
    """What of an order log was played, and how fast."""
    replay = summary.get("replay")
    return {key: replay.get(key) for key in ("log", "speed", "from", "to")} if isinstance(replay, Mapping) else None


def _place(host: str) -> str:
    """All addresses of this machine are one place: two checkouts have two ports."""
    try:
        resolved = address.resolve(host)
    except LoadtestError:
        return host
    return "this machine" if resolved.is_local else urlsplit(resolved.api).netloc


def _shown(value: Any) -> Any:
    return "none" if value is None else f"{value:g}" if isinstance(value, float) else value
