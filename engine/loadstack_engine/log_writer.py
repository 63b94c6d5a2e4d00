"""The log lines of all functions, written to CloudWatch Logs by one thread, a tenth of a second's worth at once.

Stock LocalStack has a thread for each function version, and a botocore call for each invocation: four fifths of the
processor time of a small invocation.
"""

import copy
import logging
import threading
from collections import deque
from collections.abc import Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from localstack.aws.connect import connect_to
from localstack.services.lambda_.invocation import version_manager
from localstack.services.lambda_.invocation.execution_environment import ExecutionEnvironment
from localstack.services.lambda_.invocation.lambda_models import InvocationResult
from localstack.services.lambda_.invocation.version_manager import LambdaVersionManager
from localstack.services.logs.models import get_moto_logs_backend
from localstack.utils.bootstrap import is_api_enabled
from moto.logs.exceptions import ResourceAlreadyExistsException
from moto.logs.models import LogEvent, LogGroup, LogsBackend

from loadstack_engine.in_process import provider_of
from loadstack_engine.settings import SETTINGS
from loadstack_engine.usage.meter import USAGE

LOG = logging.getLogger(__name__)

_INTERVAL_S = 0.1
# A log event counts as so much more than its message:
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
_EVENT_BYTES = 26

Line = tuple[int, str]


class Stream(NamedTuple):
    """Where lines go."""

    account: str
    region: str
    group: str
    name: str


class LogWriter:
    """Takes lines from any thread; keeps the order of those of one time. Groups and streams are made where missing.

    ``kept`` is how many lines stay readable in all: past it the oldest go, so that a long load test does not fill the
    memory.
    """

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._queue: deque[tuple[Stream, Sequence[Line]]] = deque()
        self._written: deque[tuple[Any, int]] = deque()
        self._held = 0
        self._filled = threading.Event()
        self._stopped = threading.Event()
        self._writing = threading.Lock()
        self._thread = threading.Thread(target=self._run, daemon=True, name="lambda-logs")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Write what is left, then end. Without a start before, nothing."""
        self._stopped.set()
        self._filled.set()
        if self._thread.is_alive():
            self._thread.join()

    def add(self, stream: Stream, lines: Sequence[Line]) -> None:
        """Lines, each with its time in milliseconds; of one batch they are stored by time, as the API demands."""
        self._queue.append((stream, lines))
        if not self._filled.is_set():
            self._filled.set()

    def flush(self) -> None:
        """Return when everything that was added before can be read."""
        with self._writing:
            batches: dict[Stream, list[Line]] = {}
            for _ in range(len(self._queue)):
                stream, lines = self._queue.popleft()
                batches.setdefault(stream, []).extend(lines)
            for stream, content in batches.items():
                try:
                    self._write(stream, content)
                except Exception as error:
                    LOG.warning("Lines of %s were not stored: %s", stream.group, error)

    def _run(self) -> None:
        provider_of("logs")  # applies LocalStack's own changes to moto
        while not self._stopped.is_set():
            self._filled.wait()
            self._stopped.wait(_INTERVAL_S)
            self._filled.clear()
            self.flush()
        self.flush()

    def _write(self, stream: Stream, lines: list[Line]) -> None:
        backend = get_moto_logs_backend(stream.account, stream.region)
        _make(backend, stream)
        # A clock may be set back, and one line out of order would have all refused.
        lines.sort(key=itemgetter(0))
        events = [{"timestamp": time, "message": text} for time, text in lines]
        if backend.filters.metric_filters:  # LocalStack's provider knows what to do with those
            client = connect_to(aws_access_key_id=stream.account, region_name=stream.region).logs
            client.put_log_events(logGroupName=stream.group, logStreamName=stream.name, logEvents=events)
        else:
            backend.put_log_events(stream.group, stream.name, events)
        size = sum(len(text.encode()) + _EVENT_BYTES for _, text in lines)
        USAGE.add(("logs", stream.group, "ingested_bytes"), size)
        self._drop_oldest(backend.groups[stream.group].streams[stream.name], len(events))

    def _drop_oldest(self, stored: Any, added: int) -> None:
        self._written.append((stored, added))
        self._held += added
        while self._held > self._kept:
            oldest, count = self._written.popleft()
            del oldest.events[:count]
            self._held -= count


def _make(backend: LogsBackend, stream: Stream) -> None:
    """Somebody may have deleted them since the last time."""
    group = backend.groups.get(stream.group)
    if group is not None and stream.name in group.streams:
        return
    try:
        if group is None:
            backend.create_log_group(stream.group, {})
        backend.create_log_stream(stream.group, stream.name)
    except ResourceAlreadyExistsException:
        pass  # by somebody else, just now


class _NoLogHandler:
    """Stands for the handler of a version, which has a thread: here one thread writes for all."""

    def __init__(self, role_arn: str, region: str) -> None:
        """What LocalStack's own takes."""

    def start_subscriber(self) -> None:
        """Nothing to start."""

    def stop(self) -> None:
        """Nothing to stop."""


def _store(manager: LambdaVersionManager, invocation_result: InvocationResult, execution_env: Any) -> None:
    version = manager.function_version.id
    stream = Stream(
        version.account, version.region, execution_env.get_log_group_name(), execution_env.get_log_stream_name()
    )
    WRITER.add(stream, invocation_result.log_lines)


def _log_group_name(environment: ExecutionEnvironment) -> str:
    """The function's own, or the one that its logging configuration names."""
    version = environment.function_version
    return str(version.config.logging_config.get("LogGroup") or f"/aws/lambda/{version.id.function_name}")


def _log_stream_name(environment: ExecutionEnvironment) -> str:
    """One for the life of the environment; LocalStack's changes at midnight."""
    try:
        return str(environment.log_stream_name)
    except AttributeError:
        environment.log_stream_name = _original_stream_name(environment)
        return str(environment.log_stream_name)


def _untracked(cls: type[LogEvent], *_: Any, **__: Any) -> LogEvent:
    return object.__new__(cls)


def forget_dropped_lines() -> None:
    """Moto keeps a list of all instances of its models, and with it every line that ever was: not of these."""
    setattr(LogEvent, "__new__", _untracked)  # noqa: B010


def _copied_without_lines(group: LogGroup, _: object) -> LogGroup:
    return copy.copy(group)


WRITER = LogWriter(SETTINGS.log_lines)
_original_stream_name = ExecutionEnvironment.get_log_stream_name


def use() -> None:
    """Write the functions' logs this way from now on, until ``WRITER.stop()``."""
    ExecutionEnvironment.get_log_group_name = _log_group_name
    ExecutionEnvironment.get_log_stream_name = _log_stream_name
    if not is_api_enabled("logs"):
        return
    version_manager.LogHandler = _NoLogHandler
    LambdaVersionManager.store_logs = _store
    forget_dropped_lines()
    # DescribeLogGroups copies the groups with every line in them to read their names.
    setattr(LogGroup, "__deepcopy__", _copied_without_lines)  # noqa: B010
    WRITER.start()
