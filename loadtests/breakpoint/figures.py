"""What the summary says of a search: the rate, its bracket, what broke, and every step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from loadtests import slo
from loadtests.breakpoint.record import Search, Step
from loadtests.figures.verdict import Verdict, Word, failing, shown

if TYPE_CHECKING:
    from loadtests.breakpoint.settling import Wait


def step(built: Mapping[str, Any], kept: bool | None, waited: Wait | None) -> dict[str, Any]:
    """The figures of one step, from the summary of its run.

    `broken`: the rules that did not hold, in the order of the SLO's file. `waited_s` was the stack given before the
    step to come back to where it was before the first one, and `is_back` says whether it did; None for the first step.
    """
    row = (built["scaling"] or [{}])[0]
    return {
        "rate_per_s": built["arrival"]["rate_per_s"],
        "kept": kept,
        "started_at": built["started_at"],
        "duration_s": built["duration_s"],
        "measured_rate_per_s": built["arrival"]["measured_rate_per_s"],
        "throughput_per_s": row.get("throughput_per_s"),
        "outstanding": row.get("outstanding"),
        "orders": built["orders"],
        "sync": built["sync"],
        "async": {"order": built["async"]["order"]},
        "broken": [
            {"rule": entry["rule"], "value": entry["value"]}
            for entry in built["slo"]
            if not entry["ok"] and slo.is_judged(entry, built["run"]["state"])
        ],
        "saturation": built["saturation"],
        "waited_s": waited.seconds if waited else None,
        "is_back": waited.is_back if waited else None,
    }


def told(search: Search | None) -> dict[str, Any] | None:
    """The search as JSON; None for a run that is none.

    `rate_per_s` is `low`, the highest rate that kept the SLO, `high` the lowest above it that broke it, `tries` times;
    `uncertainty_percent` is how far above `low` that is. `broke`: what broke at `high`, by the latest of those steps
    there that broke what most of them did: the first of its broken rules in the order of the SLO's file, and what
    limited the load, as in `saturation`.
    """
    if search is None:
        return None
    low, high = search.bracket
    return {
        "rate_per_s": low,
        "low": low,
        "high": high,
        "uncertainty_percent": round(100 * (high / low - 1), 1) if low and high else None,
        "tries": sum(each.rate == high for each in search.tries),
        "is_settled": search.is_settled,
        "broke": _broke(search.broke),
        "first_per_s": search.plan.rate,
        "most_per_s": search.plan.rate_max,
        "precision_percent": None if search.plan.precision is None else round(100 * search.plan.precision, 3),
        "steps": [dict(each.figures) for each in search.steps],
    }


def _broke(step: Step | None) -> dict[str, Any] | None:
    if step is None:
        return None
    broken, saturation = step.figures["broken"], step.figures["saturation"]
    return {
        "rate_per_s": step.rate,
        **(broken[0] if broken else {"rule": None, "value": None}),
        **{key: saturation[key] for key in ("limit", "reason", "evidence", "hint")},
        "rules": broken,
    }


def line(number: int, step: Step) -> str:
    """A step, when it is over: `step 3: 20 a second kept (orders' p95 312 ms)`."""
    p95 = step.figures["async"]["order"]["p95_ms"]
    told = "" if p95 is None else f" (orders' p95 {p95:,.0f} ms)"
    match step.kept:
        case None:
            return f"step {number}: {step.rate:g} a second, not judged"
        case True:
            return f"step {number}: {step.rate:g} a second kept{told}"
        case False:
            return f"step {number}: {step.rate:g} a second broke: {_first(step)}"


def verdict(search: Search, judged: Sequence[slo.Result]) -> Verdict:
    """`passed` where some rate kept the SLO, the search came to its end, and what it found is as the rules want it."""
    known = _known(search)
    match search.state:
        case "interrupted":
            return Verdict(word="interrupted", sentence=f"Interrupted after {_steps(search)}. {known}")
        case "died":
            gone = search.why or "the stack stopped answering"
            return Verdict(word="died", sentence=f"The search ended after {_steps(search)}: {gone}. {known}")
        case "complete":
            more = f" Not settled after {_steps(search)}: {search.why}." if search.why else ""
            broken = [entry for entry in judged if not entry["ok"]]
            word: Word = "failed" if broken or search.bracket.low is None else "passed"
            if broken and search.bracket.low is not None:
                known = f"{failing(judged)} {known}"
            return Verdict(word=word, sentence=known + more)


def _known(search: Search) -> str:
    low, high = search.bracket
    if low is None:
        return "No rate was judged." if high is None else f"No rate kept the SLOs: {_breaks(search, high)}."
    kept = f"{low:g} orders a second keep all SLOs"
    if high is not None:
        return f"{kept}; {_breaks(search, high)}."
    if low >= (search.plan.rate_max or 0.0):
        return f"{kept}; nothing broke up to RATE_MAX={low:g}."
    return f"{kept}; what breaks is not known."


def _breaks(search: Search, high: float) -> str:
    step = search.broke
    if step is None:
        return f"{high:g} do not"
    limit = step.figures["saturation"]["limit"]
    return f"{high:g} break {_first(step)}" + (f", limited by the {limit}" if limit else "")


def _first(step: Step) -> str:
    broken = step.figures["broken"]
    if not broken:
        return "the run"
    value = broken[0]["value"]
    more = f" and {len(broken) - 1} more" if len(broken) > 1 else ""
    return f"{broken[0]['rule']} ({'no value' if value is None else f'it is {shown(value)}'}){more}"


def _steps(search: Search) -> str:
    judged = len(search.tries)
    return "1 whole step" if judged == 1 else f"{judged} whole steps"
