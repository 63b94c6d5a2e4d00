"""Why a message lies in a dead-letter queue, from what AWS keeps of it.

| who gave up | tells |
|---|---|
| EventBridge | message attributes ERROR_CODE, ERROR_MESSAGE |
| Lambda, after an asynchronous invocation | message attributes ErrorCode, ErrorMessage |
| Step Functions | the body: status, error and cause of the execution |
| Lambda, of a stream's records | the body, and the log of the invocation that it names |
| SNS | nothing: the message lies there as it was published |
| SQS, after the last receive | nothing: the consumer's log tells, if it lived long enough to write |

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bootstrap.references import Kind
from sandbox.dead_letters.executions import NotAnExecutionError, failed_execution
from sandbox.dead_letters.homes import Home
from sandbox.dead_letters.messages import Message

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient

# What Lambda itself writes when it ends a function.
_PLATFORM = ("Task timed out", "Runtime exited", "Runtime.ExitError", "signal: killed")
_LONGEST = 300
_CLOCKS_DIFFER = timedelta(seconds=5)
_PYDANTIC_HINT = "For further information visit"


class Reasons:
    """The reasons of the messages of one dead-letter queue; the log group is read when the first message needs it."""

    def __init__(self, logs: "CloudWatchLogsClient", home: Home, messages: Sequence[Message]) -> None:
        self._logs = logs
        self._home = home
        self._since = min((message.sent_at for message in messages), default=None)
        self._failures: Mapping[str, str] | None = None
        self._ends: list[tuple[datetime, str]] | None = None

    def of(self, message: Message) -> str:
        """One line. Says so where nothing is known."""
        attributes = message.attributes
        if "ERROR_CODE" in attributes:
            told = _joined(attributes["ERROR_CODE"], attributes.get("ERROR_MESSAGE"))
            return f"EventBridge could not deliver it: {told}"
        if self._home.place.kind is Kind.STATE_MACHINE:
            return _reason_of_execution(message)
        if "ErrorCode" in attributes and self._home.place.kind is Kind.FUNCTION:
            return f"{self._home.function} failed: {_joined(attributes['ErrorCode'], attributes.get('ErrorMessage'))}"
        if self._home.place.kind is Kind.STREAM_MAPPING:
            return self._of_records(message)
        if failure := self._logged().get(message.id):
            return failure
        if not message.came_from_queue and self._home.topics:
            return f"SNS could not deliver it to the queue {self._home.place.name}, and does not tell why"
        return self._without_a_log(message)

    def _of_records(self, message: Message) -> str:
        """Lambda's own reason, and what the last invocation wrote when it failed."""
        told = request_of(message.body)
        gave_up = f"{told.get('condition')} after {told.get('approximateInvokeCount')} invocations"
        request_id = str(told.get("requestId"))
        texts = [str(event["message"]) for event in self._events(f'"{request_id}"') if request_id in event["message"]]
        failures = [failure for text in texts if (failure := _failure_of_invocation(text))]
        return f"{gave_up}; {self._home.function} failed: {failures[-1]}" if failures else gave_up

    def _logged(self) -> Mapping[str, str]:
        """The last failure that the consumer logged of each message, by message id."""
        if self._failures is None:
            found = ((line.get("message_id"), line) for _, line in self._lines('"message_id"'))
            self._failures = {str(name): reason for name, line in found if name and (reason := failure_in(line))}
        return self._failures

    def _without_a_log(self, message: Message) -> str:
        if self._home.function is None:
            return "no function reads this queue"
        ends = [text for at, text in self._platform_ends() if at >= message.sent_at - _CLOCKS_DIFFER]
        nothing = f"{self._home.function} logged no failure of it"
        return f"{nothing}, and was ended since: {_cut(ends[-1])}" if ends else f"{nothing}, or the log is gone"

    def _platform_ends(self) -> list[tuple[datetime, str]]:
        if self._ends is None:
            # Looked at again: not every endpoint filters.
            found = [each for term in _PLATFORM for each in self._events(f'"{term}"') if term in each["message"]]
            found = [each for each in found if not each["message"].startswith("{")]
            found.sort(key=lambda event: event["timestamp"])
            self._ends = [(_moment(event), str(event["message"])) for event in found]
        return self._ends

    def _lines(self, pattern: str) -> Iterator[tuple[datetime, dict[str, Any]]]:
        for event in self._events(pattern):
            try:
                line = json.loads(event["message"])
            except ValueError:
                continue
            if isinstance(line, dict):
                yield _moment(event), line

    def _events(self, pattern: str) -> Iterator[dict[str, Any]]:
        if self._home.log_group is None or self._since is None:
            return
        since = int((self._since - _CLOCKS_DIFFER).timestamp() * 1000)
        paginator: Any = self._logs.get_paginator("filter_log_events")
        try:
            for page in paginator.paginate(logGroupName=self._home.log_group, startTime=since, filterPattern=pattern):
                yield from page["events"]
        except self._logs.exceptions.ResourceNotFoundException:
            return


def _reason_of_execution(message: Message) -> str:
    try:
        return _cut(failed_execution(message.body).reason())
    except NotAnExecutionError as error:
        return str(error)


def request_of(body: str) -> Mapping[str, Any]:
    """`requestContext` of a report that Lambda sent to a destination; empty where it is none."""
    try:
        context = json.loads(body)["requestContext"]
    except (ValueError, LookupError, TypeError):
        return {}
    return context if isinstance(context, dict) else {}


def _failure_of_invocation(text: str) -> str | None:
    """The exception in a line of Powertools' logger, or that a function ended with: `[ERROR] KeyError: …`."""
    try:
        line = json.loads(text)
    except ValueError:
        error = text.partition("[ERROR]")[2].strip()
        return _cut(error.splitlines()[0]) if error else None
    return failure_in(line) if isinstance(line, dict) else None


def failure_in(line: Mapping[str, Any]) -> str | None:
    """The exception in a line of Powertools' logger: its name and what it says, on one line; None without one."""
    trace, name = line.get("exception"), line.get("exception_name")
    if not isinstance(trace, str) or not isinstance(name, str):
        return None
    lines = trace.splitlines()
    # Of chained exceptions the last one counts; its message may have lines of its own.
    starts = [number for number, text in enumerate(lines) if text.partition(":")[0].rpartition(".")[2] == name]
    told = lines[starts[-1] :] if starts else [name]
    words = " ".join(text.strip() for text in told if _PYDANTIC_HINT not in text)
    module_and_name, colon, message = words.partition(":")
    return _cut(f"{name}{colon}{message}" if module_and_name.rpartition(".")[2] == name else words)


def _moment(event: Mapping[str, Any]) -> datetime:
    return datetime.fromtimestamp(event["timestamp"] / 1000, UTC)


def _joined(code: str, message: str | None) -> str:
    return _cut(f"{code}: {message}" if message else code)


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
