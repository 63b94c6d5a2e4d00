"""Requests that failed, in kinds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from loadtests import times
from loadtests.records import Request
from loadtests.result import Result

_MOST: Final = 20


@dataclass(frozen=True, slots=True)
class Failure:
    """One kind of failure: the request, what happened, how often, and one of them as an example."""

    request: str
    what: str
    count: int
    example: str


def failures(result: Result) -> list[Failure]:
    """The most frequent first, at most twenty; the example is the first that happened."""
    counts: dict[tuple[str, str], int] = {}
    examples: dict[tuple[str, str], str] = {}
    for request in result.measured_requests:
        if request.failure is not None:
            key = (request.key, _kind(request, request.failure))
            counts[key] = counts.get(key, 0) + 1
            examples.setdefault(key, f"{times.render(request.sent)}, after {request.service_ms:,.0f} ms")
    ranked = sorted(counts.items(), key=lambda item: -item[1])[:_MOST]
    return [Failure(request, what, count, examples[request, what]) for (request, what), count in ranked]


def told(result: Result) -> list[dict[str, Any]]:
    """The same for the summary, without examples."""
    return [{"request": each.request, "what": each.what, "count": each.count} for each in failures(result)]


def _kind(request: Request, failure: str) -> str:
    """Locust's words for a bad status hold the whole URL: every product's id would be a kind of its own."""
    return f"answered {request.status}" if request.status and "://" in failure else failure
