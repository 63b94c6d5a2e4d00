"""What limited the load, and never more than the evidence carries. The first of these that holds is the verdict:

- `generator`: arrivals left late although the sandbox left room for them, or a process of the harness had used up its
  core. The figures then describe it, not the stack.
- `stack`: limits of its own turned work away (reserved concurrency, the account's, API Gateway's throttling), or held
  up a queue that grew (maximum concurrency).
- `sandbox`: work piled up, or took longer than an SLO allows, while this machine's processors, or the one that
  LocalStack's interpreter can use, were taken up, or while answers waited outside of functions; or functions found no
  room on this machine; or it took the processors from the harness, and arrivals left late. A bigger machine, or AWS,
  may well do more.
- `stack` again: work piled up though there was room.
- None: nothing piled up; a higher rate may show a limit (`SCENARIO=breakpoint`).

Work piles up in the first step of the schedule by whose end more than a tenth of what was due in it is not done, or
waits in one queue, on top of what waited before; a second's worth at least. Users in a loop never pile anything up:
processors that are used up limit them.

Each line has its *signs*: figures, with the value from which they count. All are told, whether they count or not, since
there may be two limits where the verdict names one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from loadtests.arrivals.schedule import Timetable
from loadtests.result import Result
from loadtests.saturation import backlog, generator, sandbox, stack
from loadtests.saturation.backlog import Backlog
from loadtests.saturation.lateness import is_late, lateness_ms
from loadtests.saturation.signs import Findings, Limit, Sign

__all__ = ["is_late", "lateness_ms", "verdict"]

_NOTHING = "nothing piled up"
_HIGHER = "a higher rate may show a limit: SCENARIO=breakpoint finds it"
_WHERE = "the time was spent with room to spare: look hop by hop where it went"


def verdict(result: Result, schedule: Timetable | None = None, *, is_slow: bool = False) -> dict[str, Any]:
    """Return `{limit, reason, evidence, hint, figures}`; without a schedule users were in a loop. `is_slow`: an SLO of
    latency broke.

    `limit` is `generator`, `stack`, `sandbox` or None. `reason` (what decided), `evidence` (all there is to say) and
    `hint` (what to do next) are sentences without a full stop. `figures` has the numbers: `window`, the step that they
    are of, those of `generator`, `sandbox` and `stack`, and the `signs`.
    """
    piled = backlog.look(result, schedule)
    found = {
        "generator": generator.look(result),
        "sandbox": sandbox.look(result, piled),
        "stack": stack.look(result, piled),
    }
    limit, sign = _decided(piled, is_loop=schedule is None, is_slow=is_slow, **found)
    beside = [] if limit is None else [each for each in found[limit].signs if each.counts and each is not sign]
    signs = [*piled.signs, *(sign for each in found.values() for sign in each.signs)]
    return {
        "limit": limit,
        "reason": _reason(limit, sign, beside, piled),
        "evidence": "; ".join(_evidence(piled, **found)),
        "hint": sign.hint if sign is not None else _WHERE if is_slow else _HIGHER,
        "figures": {
            "window": piled.figures(result),
            **{name: each.figures for name, each in found.items()},
            "signs": [each.told() for each in signs],
        },
    }


def _decided(
    piled: Backlog, *, is_loop: bool, is_slow: bool, generator: Findings, sandbox: Findings, stack: Findings
) -> tuple[Limit | None, Sign | None]:
    """The limit, and the sign that says so."""
    if generator.first is not None:
        return "generator", generator.first
    if stack.first is not None:
        return "stack", stack.first
    is_limited = piled.is_piled_up or is_loop or is_slow
    of_sandbox = next((sign for sign in sandbox.signs if sign.counts and (is_limited or sign.alone)), None)
    if of_sandbox is not None:
        return "sandbox", of_sandbox
    first = next((sign for sign in piled.signs if sign.counts), None)
    return ("stack", first) if first is not None else (None, None)


def _reason(limit: Limit | None, sign: Sign | None, beside: list[Sign], piled: Backlog) -> str:
    """What limits the load by itself may explain little of what the other signs of that limit do, so they follow it."""
    if limit is None or sign is None:
        return _NOTHING
    reason = ", and ".join(each.reason for each in [sign, *(beside if sign.alone else ())])
    if limit == "sandbox" and piled.is_piled_up and piled.rate is not None:
        return f"{reason} while work piled up at {piled.rate:g} a second"
    return reason


def _evidence(piled: Backlog, *, generator: Findings, sandbox: Findings, stack: Findings) -> Iterator[str]:
    yield from generator.told
    yield from stack.told
    if piled.grew:
        yield _piled_up(piled, sandbox)
    yield from (sign.reason for sign in piled.signs[1:] if sign.counts)
    if not piled.is_piled_up:
        yield _NOTHING
    yield from sandbox.told


def _piled_up(piled: Backlog, sandbox: Findings) -> str:
    busy, cores = sandbox.figures["machine_percent"], sandbox.figures["cores"]
    told = f"from {piled.rate:g} a second on work piled up, {piled.waiting} were not done by the end of that step"
    if busy is not None:
        told += f", with the processors {busy:.0f} % busy"
    if cores:
        told += " (" + ", ".join(f"{part} {used:.2f} of one" for part, used in cores.items()) + ")"
    return told
