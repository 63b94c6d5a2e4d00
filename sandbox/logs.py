"""``make logs``: the engine's log and the functions' log groups, as they grow."""

import time
from collections.abc import Iterator
from typing import Any, Never

from rich.console import Console
from rich.markup import escape

from bootstrap.clients import Clients
from sandbox.engines import Engine
from sandbox.errors import EXIT_OK, NotRunningError, UsageError
from sandbox.target import Target

_POLL_S = 0.5
_PREFIX = "/aws/lambda/"
_LOOK_BACK_MS = 60_000
_SEEN_KEPT = 20_000


def run(target: Target, function: str | None, console: Console) -> int:
    """Follow until Ctrl-C, which is the ordinary end."""
    try:
        target.require_running()
    except NotRunningError:
        for line in target.engine.last_log_lines() if target.engine else ():  # the more so now
            console.print(f"[dim]engine[/]  {escape(line)}")
        raise
    try:
        follow(Clients(target.endpoint).logs, target.engine, function, console)
    except KeyboardInterrupt:
        return EXIT_OK


def follow(logs: Any, engine: Engine | None, function: str | None, console: Console) -> Never:
    """Print the last minute and then what comes, until Ctrl-C; one function alone where ``function`` names it.

    Raises:
        UsageError: there is no such function.
    """
    if function is not None:
        known = _groups(logs)
        if _PREFIX + function not in known:
            names = ", ".join(sorted(group.removeprefix(_PREFIX) for group in known))
            raise UsageError(f"FUNCTION={function} is unknown; there are {names or 'none yet'}.")
    engine_lines = engine.log_lines() if engine and function is None else iter(list, None)
    functions = FunctionLogs(logs, function)
    console.print("[dim]The last minute, then what comes; Ctrl-C ends it.[/]")
    while True:
        for line in next(engine_lines):
            console.print(f"[dim]engine[/]  {escape(line)}", highlight=False, soft_wrap=True)
        for name, message in functions.new():
            console.print(f"[cyan]{name}[/]  {escape(message)}", highlight=False, soft_wrap=True)
        time.sleep(_POLL_S)


class FunctionLogs:
    """What came into the functions' log groups since the last look, oldest first."""

    def __init__(self, logs: Any, function: str | None) -> None:
        self._logs = logs
        self._function = function
        self._since = int(time.time() * 1000) - _LOOK_BACK_MS
        self._seen: dict[str, None] = {}

    def new(self) -> list[tuple[str, str]]:
        groups = [_PREFIX + self._function] if self._function else _groups(self._logs)
        found = [(event, group) for group in groups for event in self._events(group) if self._is_new(event)]
        found.sort(key=lambda each: each[0]["timestamp"])
        if found:
            # A second back: events of the same instant may still be on their way.
            self._since = max(self._since, found[-1][0]["timestamp"] - 1000)
        for old in list(self._seen)[:-_SEEN_KEPT]:
            del self._seen[old]
        return [(group.removeprefix(_PREFIX), event["message"].rstrip("\n")) for event, group in found]

    def _events(self, group: str) -> Iterator[dict[str, Any]]:
        paginator = self._logs.get_paginator("filter_log_events")
        try:
            for page in paginator.paginate(logGroupName=group, startTime=self._since):
                yield from page["events"]
        except self._logs.exceptions.ResourceNotFoundException:
            return

    def _is_new(self, event: dict[str, Any]) -> bool:
        if event["eventId"] in self._seen:
            return False
        self._seen[event["eventId"]] = None
        return True


def _groups(logs: Any) -> list[str]:
    pages = logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=_PREFIX)
    return [group["logGroupName"] for page in pages for group in page["logGroups"]]
