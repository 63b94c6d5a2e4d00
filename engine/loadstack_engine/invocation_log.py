"""The log of one execution environment as AWS writes it, in text format and in JSON.

https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html
https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
"""

import contextlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

Line = tuple[int, str]

# https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
_LEVELS = {name: rank for rank, name in enumerate(("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"))}


@dataclass(frozen=True)
class Ended:
    """How something ended: ``success``, ``error`` or ``timeout``.

    ``error_type`` is AWS's name for what the platform saw go wrong (``Runtime.ExitError``); empty for an exception of
    the handler, of which the platform knows nothing. ``line`` tells of it in text format.
    """

    status: str = "success"
    error_type: str = ""
    line: str = ""


SUCCESS = Ended()


@dataclass(frozen=True)
class Init:
    """One init phase: ``phase`` is ``init``, or ``invoke`` where it was run again within an invocation."""

    initialization_type: str
    phase: str
    duration_ms: float
    ended: Ended


@dataclass(frozen=True)
class Report:
    """One invocation; durations in milliseconds, memory in MB.

    ``init_ms`` is None but on a cold start; ``trace`` is the trace header's fields where it was sampled.
    """

    request_id: str
    version: str
    duration_ms: float
    memory_size_mb: int
    max_memory_used_mb: int
    init_ms: float | None
    ended: Ended
    trace: Mapping[str, str] | None = None

    @property
    def billed_ms(self) -> int:
        return math.ceil(self.duration_ms + (self.init_ms or 0))


class Format(Protocol):
    """What the platform writes around what the function prints; times in milliseconds since 1970."""

    def init(self, at: int, init: Init) -> list[Line]:
        """After an init phase."""

    def start(self, at: int, request_id: str, version: str) -> list[Line]:
        """Before an invocation."""

    def end(self, at: int, report: Report) -> list[Line]:
        """After it."""

    def keeps(self, line: str) -> bool:
        """Whether a line of the function's is sent to CloudWatch Logs."""


class TextFormat:
    """START, END and REPORT."""

    def init(self, at: int, init: Init) -> list[Line]:
        if init.ended.status == "success" and init.initialization_type == "on-demand":
            return []
        fields = [f"INIT_REPORT Init Duration: {init.duration_ms:.2f} ms", f"Phase: {init.phase}"]
        return [(at, "\t".join(fields + _status(init.ended)))]

    def start(self, at: int, request_id: str, version: str) -> list[Line]:
        return [(at, f"START RequestId: {request_id} Version: {version}")]

    def end(self, at: int, report: Report) -> list[Line]:
        fields = [
            f"REPORT RequestId: {report.request_id}",
            f"Duration: {report.duration_ms:.2f} ms",
            f"Billed Duration: {report.billed_ms} ms",
            f"Memory Size: {report.memory_size_mb} MB",
            f"Max Memory Used: {report.max_memory_used_mb} MB",
        ]
        if report.init_ms is not None:
            fields.append(f"Init Duration: {report.init_ms:.2f} ms")
        if report.ended.error_type or report.ended.status == "timeout":
            fields += _status(report.ended)
        text = "\t".join(fields) + "\t"
        if report.trace is not None:
            root, segment = report.trace.get("Root", ""), report.trace.get("Parent", "")
            text += f"\nXRAY TraceId: {root}\tSegmentId: {segment}\tSampled: true\t"
        fault = [(at, line) for line in report.ended.line.splitlines() if line]
        return [*fault, (at, f"END RequestId: {report.request_id}"), (at, text)]

    def keeps(self, line: str) -> bool:
        return True


def _status(ended: Ended) -> list[str]:
    if ended.status == "success":
        return []
    return [f"Status: {ended.status}"] + ([f"Error Type: {ended.error_type}"] if ended.error_type else [])


class JsonFormat:
    """``platform.…`` records; both the platform's and the function's lines are filtered by their level."""

    def __init__(self, system_level: str, application_level: str) -> None:
        self._system_level = _LEVELS.get(system_level.upper(), _LEVELS["INFO"])
        self._application_level = _LEVELS.get(application_level.upper(), _LEVELS["INFO"])

    def init(self, at: int, init: Init) -> list[Line]:
        record = {
            "initializationType": init.initialization_type,
            "phase": init.phase,
            **_outcome(init.ended),
            "metrics": {"durationMs": round(init.duration_ms, 3)},
        }
        on_demand = init.initialization_type == "on-demand"
        return self._record(at, "initReport", record, "DEBUG" if on_demand else "INFO", init.ended)

    def start(self, at: int, request_id: str, version: str) -> list[Line]:
        return self._record(at, "start", {"requestId": request_id, "version": version}, "INFO", SUCCESS)

    def end(self, at: int, report: Report) -> list[Line]:
        common = {"requestId": report.request_id} | _outcome(report.ended)
        if report.trace is not None:
            value = ";".join(f"{name}={text}" for name, text in report.trace.items())
            common["tracing"] = {"type": "X-Amzn-Trace-Id", "value": value, "spanId": report.trace.get("Parent", "")}
        duration = {"durationMs": round(report.duration_ms, 3)}
        metrics: dict[str, Any] = duration | {
            "billedDurationMs": report.billed_ms,
            "memorySizeMB": report.memory_size_mb,
            "maxMemoryUsedMB": report.max_memory_used_mb,
        }
        if report.init_ms is not None:
            metrics["initDurationMs"] = round(report.init_ms, 3)
        return self._record(at, "runtimeDone", common | {"metrics": duration}, "DEBUG", report.ended) + self._record(
            at, "report", common | {"metrics": metrics}, "INFO", report.ended
        )

    def keeps(self, line: str) -> bool:
        """By the ``level`` of a line that is a JSON object; of no level, or none that AWS knows, it is INFO."""
        level = "INFO"
        if line.startswith("{"):
            with contextlib.suppress(ValueError, RecursionError):
                level = str(json.loads(line).get("level", level)).upper()
        rank = _LEVELS.get({"WARNING": "WARN", "CRITICAL": "FATAL"}.get(level, level), _LEVELS["INFO"])
        return rank >= self._application_level

    def _record(self, at: int, kind: str, record: dict[str, Any], level: str, ended: Ended) -> list[Line]:
        if _LEVELS[level if ended.status == "success" else "WARN"] < self._system_level:
            return []
        return [(at, json.dumps({"time": iso(at), "type": f"platform.{kind}", "record": record}))]


def _outcome(ended: Ended) -> dict[str, Any]:
    return {"status": ended.status} | ({"errorType": ended.error_type} if ended.error_type else {})


def format_of(logging_config: Mapping[str, str]) -> Format:
    """The one that a function's ``LoggingConfig`` asks for."""
    if logging_config.get("LogFormat") != "JSON":
        return TextFormat()
    return JsonFormat(logging_config.get("SystemLogLevel", "INFO"), logging_config.get("ApplicationLogLevel", "INFO"))


def iso(at: int) -> str:
    """Milliseconds since 1970 as AWS writes a time."""
    return f"{datetime.fromtimestamp(at / 1000, UTC):%Y-%m-%dT%H:%M:%S}.{at % 1000:03d}Z"


def text(lines: Iterable[Line]) -> str:
    """As ``LogResult`` shows them."""
    return "".join(f"{line}\n" for _, line in lines)
