"""How many events of a replay reached their consumer, and what became of them, by its own log."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.counted import counted

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

# What functions/common/consumer.py logs of each record.
_DONE = "record done"
_FAILED = "the record failed and will come again"


@dataclass(frozen=True, slots=True)
class Progress:
    """Of the replayed events: how many the consumer began to work on, how many of these are done, how many failed and
    are not done, and how many times one failed.
    """

    begun: int = 0
    done: int = 0
    failing: int = 0
    failures: int = 0

    def __str__(self) -> str:
        said = f"{counted(self.begun, 'event')} replayed, {self.done} done"
        return f"{said}, {self.failing} failing" if self.failing else said


class Replayed:
    """Counts the messages of one replay that the function behind `log_group` worked on.

    A message that fails and comes again counts once. Each look reads on from the last one's newest line.
    """

    def __init__(self, logs: "CloudWatchLogsClient", log_group: str | None, replay: str) -> None:
        self._logs = logs
        self._log_group = log_group
        self._replay = replay
        self._since_ms = 0
        self._begun: set[str] = set()
        self._done: set[str] = set()
        self._failures: set[tuple[str, int]] = set()

    def look(self) -> Progress:
        """As far as the log tells now."""
        if self._log_group is None:
            return Progress()
        paginator: Any = self._logs.get_paginator("filter_log_events")
        pattern = f'"{self._replay}"'
        for page in paginator.paginate(logGroupName=self._log_group, startTime=self._since_ms, filterPattern=pattern):
            for event in page["events"]:
                self._note(event)
        failing = {message for message, _ in self._failures} - self._done
        return Progress(len(self._begun), len(self._done), len(failing), len(self._failures))

    def _note(self, event: dict[str, Any]) -> None:
        self._since_ms = max(self._since_ms, event["timestamp"] - 5_000)  # streams are not in step
        try:
            line = json.loads(event["message"])
        except ValueError:
            return
        if not isinstance(line, dict) or line.get("replay") != self._replay or not line.get("message_id"):
            return
        self._begun.add(line["message_id"])
        if line.get("message") == _DONE:
            self._done.add(line["message_id"])
        elif line.get("message") == _FAILED:
            self._failures.add((line["message_id"], event["timestamp"]))
