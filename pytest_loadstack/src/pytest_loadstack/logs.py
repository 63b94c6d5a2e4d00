"""Log lines of a function."""

import re
from typing import Any

from pytest_loadstack.patience import Patience, listed


class Log:
    """The log of a function, or any log group, since a time in milliseconds of the epoch."""

    def __init__(self, client: Any, group: str, since_ms: int, patience: Patience) -> None:
        self._client = client
        self._group = group
        self._since_ms = since_ms
        self._patience = patience
        self._seen: list[str] | None = None

    def line(self, text: str | re.Pattern[str], timeout: float) -> str:
        """The first line that has the text, or that the pattern finds something in."""
        __tracebackhide__ = True
        found = re.compile(re.escape(text)) if isinstance(text, str) else text

        def find(_: float) -> str | None:
            self._seen = self._read()
            return next((line for line in self._seen or () if found.search(line)), None)

        wanted = text if isinstance(text, str) else text.pattern
        return self._patience.wait(find, timeout, lambda: self._instead(wanted, timeout))

    def _read(self) -> list[str] | None:
        """All lines; None where there is no such group."""
        pages = self._client.get_paginator("filter_log_events")
        try:
            events = [
                event
                for page in pages.paginate(logGroupName=self._group, startTime=self._since_ms)
                for event in page["events"]
            ]
        except self._client.exceptions.ResourceNotFoundException:
            return None
        return [event["message"].rstrip("\n") for event in events]

    def _instead(self, text: str, timeout: float) -> str:
        if self._seen is None:
            return f"There is no log group {self._group} after {timeout:g} s: nothing has logged to it yet."
        return f"No line with {text!r} in {self._group} within {timeout:g} s. Seen: {listed(self._seen, 'line')}"
