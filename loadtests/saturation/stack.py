"""Signs that a limit of the stack's own was reached: one that AWS would keep to as well."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

from loadtests.figures.samples import within
from loadtests.result import Result
from loadtests.saturation import throttles
from loadtests.saturation.backlog import Backlog
from loadtests.saturation.signs import Findings, Sign

REFUSED_PERCENT: Final = 1.0
"""Of the requests to the API."""

AT_LIMIT_PERCENT: Final = 90.0
"""Of the looks at a function: at its limit nearly all the time, not in a moment."""

_LIMITS: Final[Mapping[str, str]] = {
    "reserved": "its reserved concurrency",
    "account": "the account's concurrency",
    throttles.UNKNOWN: "Lambda",
}
_HINTS: Final[Mapping[str, str]] = {
    "reserved": "raise its reserved concurrency, or make it faster",
    "account": "raise the account's concurrency, or reserve some for it",
    throttles.UNKNOWN: "raise its concurrency, or make it faster",
}


def look(result: Result, backlog: Backlog) -> Findings:
    """Throttles of the whole run; functions at the maximum concurrency of a queue that grew, in the backlog's window.

    A reserved concurrency that is in use limits nothing until it turns something away.
    """
    turned_away = _turned_away(result)
    refused = sum(request.status == HTTPStatus.TOO_MANY_REQUESTS for request in result.measured_requests)
    signs = [_throttled(turned_away), _refused(refused, len(result.measured_requests)), _at_maximum(result, backlog)]
    figures = {"throttled": turned_away or {}, "answers_429": refused, "limits": _limits(result)}
    return Findings(signs, figures, list(_told(turned_away or {}, refused, signs)))


def _turned_away(result: Result) -> dict[str, dict[str, Any]] | None:
    """By function `{by, count, percent}`: the limit that did it most often, how often, and of so many percent of its
    invocations. None where nobody knows.
    """
    functions = throttles.by_function(result)
    if functions is None:
        return None
    found = {}
    for name, each in functions.items():
        own = {reason: count for reason, count in each.by.items() if reason != throttles.NO_ROOM}
        if own:
            count = sum(own.values())
            by = max(own, key=lambda reason: own[reason])
            found[name] = {"by": by, "count": count, "percent": round(each.percent(count), 3)}
    return found


def _throttled(turned_away: Mapping[str, Mapping[str, Any]] | None) -> Sign:
    what, unit = "invocations of a function that its limit turned away", "%"
    if not turned_away:
        value = None if turned_away is None else 0.0
        return Sign("stack", what, value, throttles.FROM_PERCENT, unit, "", "")
    name = max(turned_away, key=lambda each: turned_away[each]["percent"])
    told = turned_away[name]
    limit = _LIMITS.get(told["by"], told["by"])
    reason = f"{limit} turned {name} away {told['count']:,} times, {told['percent']:.0f} % of its invocations"
    hint = f"{name}: {_HINTS.get(told['by'], _HINTS[throttles.UNKNOWN])}"
    return Sign("stack", what, told["percent"], throttles.FROM_PERCENT, unit, reason, hint)


def _refused(refused: int, requests: int) -> Sign:
    percent = 100 * refused / requests if requests else 0.0
    return Sign(
        "stack",
        "requests that API Gateway answered with 429",
        percent,
        REFUSED_PERCENT,
        "%",
        f"API Gateway answered {refused:,} requests with 429, {percent:.0f} % of them",
        "raise the rate and burst of the stage's throttling, or of the usage plan",
    )


def _at_maximum(result: Result, backlog: Backlog) -> Sign:
    """Of the functions that growing queues feed, the one that was there in most looks; of two, the one whose queue has
    the oldest message.
    """
    what, unit = "looks at a function at its maximum concurrency, whose queue grew", "%"
    found = [
        (percent, queue.age_s[1], name, queue.name, limits["maximum"][queue.name])
        for name, limits in _limits(result).items()
        for queue in backlog.queues
        if queue.name in limits["maximum"]
        and (percent := _looks_percent(result, backlog, name, limits["maximum"][queue.name])) is not None
    ]
    if not found:
        return Sign("stack", what, 0.0, AT_LIMIT_PERCENT, unit, "", "")
    percent, _, name, queue_name, most = max(found)
    reason = f"{name} ran {most} times at once, which is all that the mapping of the queue {queue_name} allows"
    hint = f"raise the maximum concurrency of {queue_name}'s mapping, or its batch size, or make {name} faster"
    return Sign("stack", what, percent, AT_LIMIT_PERCENT, unit, reason, hint)


def _looks_percent(result: Result, backlog: Backlog, name: str, most: int) -> float | None:
    """Of the looks at the function, those at so many invocations at once; None without a look."""
    looks = [
        sample.functions[name].concurrency >= most
        for sample in within(result.samples, backlog.since, backlog.until)
        if name in sample.functions
    ]
    return 100 * sum(looks) / len(looks) if looks else None


def _limits(result: Result) -> dict[str, dict[str, Any]]:
    """By function what is set: `reserved`, and `maximum` by queue. Without those that have neither."""
    found = {
        name: {"reserved": figures.get("reserved_concurrency"), "maximum": figures.get("maximum_concurrency") or {}}
        for name, figures in sorted((result.functions_after or {}).items())
    }
    return {name: each for name, each in found.items() if each["reserved"] is not None or each["maximum"]}


def _told(turned_away: Mapping[str, Mapping[str, Any]], refused: int, signs: list[Sign]) -> Iterator[str]:
    if turned_away:
        count = sum(each["count"] for each in turned_away.values())
        by = ", ".join(f"{name} {each['count']:,}" for name, each in turned_away.items())
        yield f"limits of the stack turned functions away {count:,} times ({by})"
    if refused:
        yield f"API Gateway answered {refused:,} requests with 429"
    yield from (sign.reason for sign in signs[2:] if sign.counts)
