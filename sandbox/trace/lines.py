"""The log lines that tell of one order, and those in which Lambda tells of the invocations that wrote them."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

PREFIX = "/aws/lambda/"
_WORKERS = 8
# No function of ours runs longer; REPORT comes after it, and the line of a record may come before its START is read.
_AROUND_MS = 60_000


@dataclass(frozen=True, slots=True)
class Line:
    """One line that a function wrote about the order; `at` in milliseconds since 1970."""

    function: str
    at: int
    content: Mapping[str, Any]

    @property
    def request_id(self) -> str:
        return str(self.content.get("function_request_id", ""))


@dataclass(frozen=True, slots=True)
class Invocation:
    """What Lambda itself logged of one invocation; times as in `Line`, None for what it has not (yet) said."""

    started_at: int | None = None
    ended_at: int | None = None
    init_ms: float = 0.0
    failure: str | None = None


type Invocations = Mapping[tuple[str, str], Invocation]
"""By function and request id."""


class Logs:
    """The log groups of all functions. Raises botocore's errors."""

    def __init__(self, client: "CloudWatchLogsClient") -> None:
        self._client = client

    def lines(self, order_id: str, since: int | None) -> list[Line]:
        """All lines about the order, the earliest first; `since` milliseconds, None for all that there is."""
        window = {} if since is None else {"startTime": since}
        with ThreadPoolExecutor(_WORKERS, thread_name_prefix="trace") as executor:
            found = executor.map(lambda group: list(self._about(group, order_id, window)), self._groups())
            return sorted((line for lines in found for line in lines), key=lambda line: line.at)

    def invocations(self, lines: Iterable[Line]) -> Invocations:
        """Those that wrote `lines`."""
        times: dict[tuple[str, str], list[int]] = {}
        for line in lines:
            times.setdefault((line.function, line.request_id), []).append(line.at)
        with ThreadPoolExecutor(_WORKERS, thread_name_prefix="trace") as executor:
            found = executor.map(lambda key: self._invocation(key[0], key[1], times[key]), times)
            return dict(zip(times, found, strict=True))

    def _groups(self) -> list[str]:
        pages = self._client.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=PREFIX)
        return [group["logGroupName"] for page in pages for group in page["logGroups"]]

    def _about(self, group: str, order_id: str, window: Mapping[str, int]) -> Iterator[Line]:
        for event in self._events(group, f'"{order_id}"', window):
            content = _json(event["message"])
            if content.get("order_id") == order_id:
                yield Line(group.removeprefix(PREFIX), event["timestamp"], content)

    def _invocation(self, function: str, request_id: str, times: Sequence[int]) -> Invocation:
        window = {"startTime": min(times) - _AROUND_MS, "endTime": max(times) + _AROUND_MS}
        return invocation(request_id, self._events(PREFIX + function, f'"{request_id}"', window))

    def _events(self, group: str, pattern: str, window: Mapping[str, int]) -> Iterator[dict[str, Any]]:
        paginator: Any = self._client.get_paginator("filter_log_events")
        try:
            for page in paginator.paginate(logGroupName=group, filterPattern=pattern, **window):
                yield from page["events"]
        except self._client.exceptions.ResourceNotFoundException:
            return


def invocation(request_id: str, events: Iterable[Mapping[str, Any]]) -> Invocation:
    """The invocation, from the events of its log group that name it. Others (of an endpoint that does not filter) and
    lines of JSON are left out.
    """
    started_at = ended_at = None
    init_ms, failure = 0.0, None
    for event in events:
        text, at = str(event["message"]).strip(), int(event["timestamp"])
        if request_id not in text or text.startswith("{"):
            continue
        if text.startswith("START RequestId:"):
            started_at = at
        elif text.startswith("REPORT RequestId:"):
            ended_at, init_ms = at, _init_ms(text)
        elif "Task timed out" in text or "Error: Runtime exited" in text:
            failure = text.partition(request_id)[2].strip()
    return Invocation(started_at, ended_at, init_ms, failure)


def _init_ms(report: str) -> float:
    """`Init Duration: 370.94 ms`, in the REPORT of a cold start alone."""
    for part in report.split("\t"):
        name, _, value = part.partition(":")
        if name.strip() == "Init Duration":
            return float(value.split()[0])
    return 0.0


def _json(message: str) -> Mapping[str, Any]:
    try:
        content = json.loads(message)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
