"""LocalStack's runtime executor, with a process in the place of a container."""

import shutil
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from localstack.services.lambda_.invocation.executor_endpoint import StatusErrorException
from localstack.services.lambda_.invocation.lambda_models import (
    FunctionVersion,
    InitializationType,
    InvocationResult,
)
from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor

from loadstack_engine import debugging, faults, hot_reload, invocation_log, launch
from loadstack_engine.cloudwatch_metrics.lambda_metrics import METRICS, Target
from loadstack_engine.environment_pools import POOLS
from loadstack_engine.faults import Fault
from loadstack_engine.fork_servers import ForkServerError
from loadstack_engine.function_process import Exited, Expired, FunctionProcess, Outcome
from loadstack_engine.iam.record import RECORD
from loadstack_engine.invocation_log import SUCCESS, Init, Line, Report
from loadstack_engine.output import Output, now_ms
from loadstack_engine.runtime._loadstack_channel import ChannelClosedError, Message
from loadstack_engine.spawners import SPAWNERS
from loadstack_engine.statistics import STATISTICS
from loadstack_engine.usage import invocations

# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib
_INIT_LIMIT_S = 10.0


class ProcessRuntimeExecutor(RuntimeExecutor):
    """One execution environment: a function process, and its successors after it died.

    States: *no process* (new; or the last one timed out, crashed or failed its init: the next invocation starts
    another one within its own timeout, as AWS does after a reset), *idle*, *busy* (one invocation at a time),
    *stopped*. A stop lets a running invocation finish, as AWS does when a function is updated.
    """

    def __init__(self, id: str, function_version: FunctionVersion) -> None:
        super().__init__(id, function_version)
        self._config = function_version.config
        self._name = function_version.id.function_name
        qualifier = function_version.id.qualifier
        self._caller = f"function:{self._name}{'' if qualifier == '$LATEST' else f':{qualifier}'}"
        self._aws_paths = launch.aws_paths(function_version)
        self._spawner = SPAWNERS.of(_key(function_version))
        self._sources = hot_reload.Sources(function_version)
        self._loaded = self._sources.state()
        debugged = debugging.setting_of(function_version) is not None
        self._timeout_s = debugging.HELD_OFF_S if debugged else self._config.timeout
        self._init_limit_s = debugging.HELD_OFF_S if debugged else _INIT_LIMIT_S
        self._busy = threading.Lock()
        self._stopped = threading.Event()
        self._variables: dict[str, Any] = {}
        self._temporary: Path | None = None
        self._process: FunctionProcess | None = None
        self._output = Output()
        self._format = invocation_log.format_of(self._config.logging_config)
        self._lines: list[Line] = []
        self._init_ms: float | None = None
        self._max_memory_mb = 0
        self._ran_s: float | None = None

    @classmethod
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        launch.prepare(function_version)
        SPAWNERS.of(_key(function_version)).prepare(launch.expected(function_version))

    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        """End its fork server. The unpacked code stays: running invocations may still import from it."""
        SPAWNERS.close(_key(function_version))

    def get_address(self) -> str:
        return "127.0.0.1"

    def get_endpoint_from_executor(self) -> str:
        return "127.0.0.1"

    def get_runtime_endpoint(self) -> str:
        return ""

    def get_logs(self) -> str:
        return self._as_on_aws(self._output.peek()).decode(errors="replace")

    def start(self, env_vars: dict[str, Any]) -> None:
        """Run the init phase, for 10 s at the most.

        Where it fails, the first invocation runs it again and tells; a provisioned environment fails here.

        Raises:
            StatusErrorException: init of a provisioned environment failed; carries AWS's error payload.
            OSError: no process could be started at all.
        """
        try:
            with self._busy:
                self._variables = env_vars
                self._temporary = Path(tempfile.mkdtemp(prefix=f"lambda-{self.id}-"))
                STATISTICS.environments_changed(self._name, +1)
                # Before any invocation: AWS's words carry no better id than the environment's.
                fault = self._init("init", time.monotonic() + self._init_limit_s, self.id, self._init_limit_s)
                if fault is not None and self._initialization_type == InitializationType.provisioned_concurrency:
                    raise StatusErrorException("Environment startup failed", payload=fault.payload)
        finally:
            self._dispose_if_stopped()

    def stop(self) -> None:
        self._stopped.set()
        self._dispose_if_stopped()

    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        try:
            with self._busy, STATISTICS.invocation(self._name):
                return self._invoke(payload)
        finally:
            self._dispose_if_stopped()

    def _dispose_if_stopped(self) -> None:
        """Called by who stops and, after giving up the lock, by who was busy then: one of them finds it free."""
        if self._stopped.is_set() and self._busy.acquire(blocking=False):
            try:
                self._dispose()
            finally:
                self._busy.release()

    def _invoke(self, payload: dict[str, Any]) -> InvocationResult:
        request_id = payload["invoke-id"]
        fault, answer = None, b""
        self._ran_s = None
        init_ms, self._init_ms = self._init_ms, None
        if self._process is not None and not self._process.is_idle():
            self._close_process()  # it died since its last invocation: no event was handed over yet
        self._end_if_changed()
        started = time.monotonic()
        if self._process is None:
            with POOLS.turn(self._config.timeout + _INIT_LIMIT_S):
                started = time.monotonic()
                fault = self._init("invoke", started + self._timeout_s, request_id, self._timeout_s)
            init_ms, self._init_ms = None, None  # within the invocation: part of its duration
        self._lines += self._format.start(now_ms(), request_id, self.function_version.id.qualifier)
        if fault is None:
            outcome = self._run(payload, request_id, started + self._timeout_s)
            fault = self._fault(outcome, request_id)
            answer = outcome.body if isinstance(outcome, Message) else b""
        report = Report(
            request_id=request_id,
            version=self.function_version.id.qualifier,
            duration_ms=(time.monotonic() - started) * 1000,
            memory_size_mb=self._config.memory_size,
            max_memory_used_mb=self._max_memory_mb,
            init_ms=init_ms,
            ended=SUCCESS if fault is None else fault.ended,
            trace=_sampled(payload["trace-id"]) if self._config.tracing_config_mode == "Active" else None,
        )
        invocations.count(self._name, report)
        if fault is not None:
            STATISTICS.error(self._name)
            answer = self._as_on_aws(fault.payload)
        target = Target(payload["invoked-function-arn"], report.version)
        METRICS.invocation(target, report.duration_ms, is_error=fault is not None)
        return self._result(report, answer, is_error=fault is not None)

    def _result(self, report: Report, answer: bytes, *, is_error: bool) -> InvocationResult:
        self._take_output()
        self._lines += self._format.end(now_ms(), report)
        lines, self._lines = self._lines, []
        result = InvocationResult(report.request_id, answer, is_error=is_error, logs=invocation_log.text(lines))
        result.log_lines = [(at, f"{line}\n") for at, line in lines]
        result.ran_s = report.duration_ms / 1000 if self._ran_s is None else self._ran_s
        return result

    def _run(self, payload: dict[str, Any], request_id: str, deadline: float) -> Outcome:
        """Hand the event over and wait."""
        assert self._process is not None
        event = payload["payload"]
        try:
            self._process.send(
                event.encode() if isinstance(event, str) else event,
                {
                    "invoke_id": request_id,
                    "x_amzn_trace_id": payload["trace-id"],
                    "invoked_function_arn": payload["invoked-function-arn"],
                    "deadline_time_in_ms": int((time.time() + deadline - time.monotonic()) * 1000),
                    "client_context": payload.get("client-context"),
                    "cognito_identity": None,
                    "tenant_id": None,
                },
                timeout_s=max(0.001, deadline - time.monotonic()),
            )
        except TimeoutError:
            return Expired()
        except ChannelClosedError:
            pass  # it died while idle: wait tells how
        return self._process.wait(deadline, self._output)

    def _fault(self, outcome: Outcome, request_id: str) -> Fault | None:
        """What went wrong, if anything; a process of no more use is closed."""
        if isinstance(outcome, Expired):
            self._close_process()
            return faults.timed_out(request_id, self._config.timeout, now_ms())
        if isinstance(outcome, Exited):
            self._close_process()
            self._max_memory_mb = self._config.memory_size if outcome.out_of_memory else self._max_memory_mb
            return faults.runtime_exited(request_id, outcome.status)
        self._take_figures(outcome)
        self._ran_s = ran_s = outcome.fields["ran_s"]
        STATISTICS.ran(self._name, ran_s, outcome.fields["cpu_s"])
        if outcome.kind == "error":
            return faults.raised(outcome.body)
        if len(outcome.body) > faults.RESPONSE_LIMIT_BYTES:
            return faults.response_too_large(len(outcome.body))
        return None

    def _init(self, phase: str, deadline: float, request_id: str, limit_s: float) -> Fault | None:
        """Start a process; leaves ``_process`` on success. The log gets what it printed, and INIT_REPORT."""
        assert self._temporary is not None
        STATISTICS.cold_start(self._name)
        started = time.monotonic()
        plan = launch.create(self.function_version, self._variables, self._temporary)
        try:
            self._process = FunctionProcess(plan, self._spawner)
        except ForkServerError:  # it is given up: this one is a fresh interpreter
            self._process = FunctionProcess(plan, self._spawner)
        outcome = self._process.wait(deadline, self._output)
        self._init_ms = (time.monotonic() - started) * 1000
        fault = self._init_fault(outcome, request_id, limit_s)
        if fault is not None:
            self._close_process()
        elif isinstance(outcome, Message):
            self._spawner.learn(plan, outcome.fields["modules"])
        self._take_output()
        ended = SUCCESS if fault is None else fault.ended
        self._lines += self._format.init(now_ms(), Init(self._initialization_type, phase, self._init_ms, ended))
        return fault

    def _init_fault(self, outcome: Outcome, request_id: str, limit_s: float) -> Fault | None:
        if isinstance(outcome, Expired):
            return faults.timed_out(request_id, limit_s, now_ms())
        if isinstance(outcome, Exited):
            self._max_memory_mb = self._config.memory_size if outcome.out_of_memory else self._max_memory_mb
            return faults.runtime_exited(request_id, outcome.status)
        self._take_figures(outcome)
        return None if outcome.kind == "ready" else faults.init_failed(self._as_on_aws(outcome.body))

    def _end_if_changed(self) -> None:
        """A process that runs other code than what is in its folders now is of no use."""
        now = self._sources.state()
        if now != self._loaded:
            self._close_process()
            self._spawner.forget(libraries=now.layers != self._loaded.layers)
            self._loaded = now

    def _take_figures(self, message: Message) -> None:
        self._max_memory_mb = message.fields["max_memory_mb"]
        STATISTICS.calls(self._name, message.fields["calls"])
        invocations.count_process(self._name, message.kind, message.fields)
        RECORD.add(
            self._config.role, self._caller, message.fields["asked"], (self._config.internal_revision, self._loaded)
        )

    def _close_process(self) -> None:
        if self._process is not None:
            self._process.close()
            self._process = None

    def _dispose(self) -> None:
        self._close_process()
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)
            self._temporary = None
            STATISTICS.environments_changed(self._name, -1)

    def _take_output(self) -> None:
        """What was printed since the last time, to the log's lines."""
        for at, line in self._output.take():
            decoded = self._as_on_aws(line).decode(errors="replace")
            if self._format.keeps(decoded):
                self._lines.append((at, decoded))

    @property
    def _initialization_type(self) -> str:
        return str(self._variables["AWS_LAMBDA_INITIALIZATION_TYPE"])

    def _as_on_aws(self, text: bytes) -> bytes:
        for here, there in self._aws_paths.items():
            text = text.replace(here, there)
        return text


def _sampled(header: str) -> dict[str, str] | None:
    """The fields of a trace header that says ``Sampled=1``."""
    if "Sampled=1" not in header:
        return None
    return dict(field.split("=", 1) for field in header.split(";") if "=" in field)


def _key(version: FunctionVersion) -> tuple[str, str]:
    """What tells versions apart, and one's configuration from its next."""
    return version.qualified_arn, version.config.internal_revision
