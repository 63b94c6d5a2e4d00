"""LocalStack's runtime executor, with a process in the place of a container."""

import shutil
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from localstack.services.lambda_.invocation.executor_endpoint import StatusErrorException
from localstack.services.lambda_.invocation.lambda_models import (
    FunctionVersion,
    InitializationType,
    InvocationResult,
)
from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor

from loadstack_engine import faults, invocation_log, launch
from loadstack_engine.function_process import Exited, Expired, FunctionProcess, Outcome
from loadstack_engine.runtime._loadstack_channel import ChannelClosedError, Message
from loadstack_engine.spawners import SPAWNERS, ForkServerError
from loadstack_engine.start_gate import GATE
from loadstack_engine.statistics import STATISTICS

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
        self._aws_paths = launch.aws_paths(function_version)
        self._spawner = SPAWNERS.of(_key(function_version))
        self._busy = threading.Lock()
        self._stopped = threading.Event()
        self._variables: dict[str, Any] = {}
        self._temporary: Path | None = None
        self._process: FunctionProcess | None = None
        self._output = bytearray()
        self._init_ms: float | None = None
        self._init_error: bytes | None = None
        self._max_memory_mb = 0

    @classmethod
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        launch.prepare(function_version)

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
        return self._text(self._output)

    def start(self, env_vars: dict[str, Any]) -> None:
        """Run the init phase, for 10 s at the most.

        Where it fails, the first invocation tells; a provisioned environment fails here.

        Raises:
            StatusErrorException: init of a provisioned environment failed; carries AWS's error payload.
            OSError: no process could be started at all.
        """
        try:
            with self._busy:
                self._variables = env_vars
                self._temporary = Path(tempfile.mkdtemp(prefix=f"lambda-{self.id}-"))
                STATISTICS.environments_changed(self._name, +1)
                self._init(time.monotonic() + _INIT_LIMIT_S)
                provisioned = env_vars["AWS_LAMBDA_INITIALIZATION_TYPE"] == InitializationType.provisioned_concurrency
                if self._init_error is not None and provisioned:
                    raise StatusErrorException("Environment startup failed", payload=self._init_error)
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

    def _invoke(self, payload: dict[str, str]) -> InvocationResult:
        request_id = payload["invoke-id"]
        before_start = self._take_output()
        init_ms, self._init_ms = self._init_ms, None
        started = time.monotonic()
        if self._process is not None and not self._process.is_idle():
            self._close_process()  # it died since its last invocation: no event was handed over yet
        if self._process is None and self._init_error is None:
            with GATE.turn():
                started = time.monotonic()
                self._init(started + self._config.timeout)
            init_ms, self._init_ms = None, None  # within the invocation: part of its duration
        deadline = started + self._config.timeout
        outcome = self._run(payload, request_id, deadline)
        is_error, answer, fault_line = self._judge(outcome, request_id)
        report = invocation_log.Report(
            duration_ms=(time.monotonic() - started) * 1000,
            memory_size_mb=self._config.memory_size,
            max_memory_used_mb=self._max_memory_mb,
            init_ms=init_ms,
            timed_out=isinstance(outcome, Expired),
        )
        logs = before_start + invocation_log.render(
            request_id, self.function_version.id.qualifier, self._take_output(), fault_line, report
        )
        if is_error:
            STATISTICS.error(self._name)
        return InvocationResult(request_id, answer, is_error=is_error, logs=logs)

    def _run(self, payload: dict[str, str], request_id: str, deadline: float) -> Outcome | bytes:
        """Hand the event over and wait; bytes are the error of an init that failed before."""
        if self._process is None:
            error, self._init_error = self._init_error, None
            return error if error is not None else Expired()
        try:
            self._process.send(
                payload["payload"].encode(),
                {
                    "invoke_id": request_id,
                    "x_amzn_trace_id": payload["trace-id"],
                    "invoked_function_arn": payload["invoked-function-arn"],
                    "deadline_time_in_ms": int((time.time() + deadline - time.monotonic()) * 1000),
                    "client_context": None,
                    "cognito_identity": None,
                    "tenant_id": None,
                },
                timeout_s=max(0.001, deadline - time.monotonic()),
            )
        except TimeoutError:
            return Expired()
        except ChannelClosedError:
            pass  # it died while idle: wait tells how
        while True:
            outcome = self._process.wait(deadline, self._output)
            # A function that forks may answer twice: the Runtime API refuses what is for another invocation.
            if not isinstance(outcome, Message) or outcome.fields.get("invoke_id") == request_id:
                return outcome

    def _judge(self, outcome: Outcome | bytes, request_id: str) -> tuple[bool, bytes, str]:
        """Whether it is an error, the payload, and the log line of a fault; a process of no more use is closed."""
        if isinstance(outcome, bytes):
            return True, outcome, ""
        if isinstance(outcome, Expired):
            self._close_process()
            timestamp = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
            fault = faults.timed_out(request_id, self._config.timeout, timestamp)
            return True, fault.payload, fault.log_line
        if isinstance(outcome, Exited):
            self._close_process()
            fault = faults.runtime_exited(request_id, outcome.status)
            return True, fault.payload, fault.log_line
        self._max_memory_mb = outcome.fields["max_memory_mb"]
        if outcome.kind == "error":
            return True, self._as_on_aws(outcome.body), ""
        return False, outcome.body, ""

    def _init(self, deadline: float) -> None:
        """Start a process; leaves ``_process`` on success, ``_init_error`` on failure, neither when time ran out."""
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
        if isinstance(outcome, Exited):
            # Before any invocation: AWS's words carry no better id than the environment's.
            self._init_error = faults.runtime_exited(self.id, outcome.status).payload
        elif not isinstance(outcome, Expired):
            self._max_memory_mb = outcome.fields["max_memory_mb"]
            if outcome.kind == "ready":
                self._spawner.learn(plan, outcome.fields["modules"])
                return
            self._init_error = self._as_on_aws(outcome.body)
        self._close_process()

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

    def _take_output(self) -> str:
        text = self._text(self._output)
        self._output.clear()
        return text

    def _text(self, output: bytes | bytearray) -> str:
        return self._as_on_aws(bytes(output)).decode(errors="replace")

    def _as_on_aws(self, text: bytes) -> bytes:
        for here, there in self._aws_paths.items():
            text = text.replace(here, there)
        return text


def _key(version: FunctionVersion) -> tuple[str, str]:
    """What tells versions apart, and one's configuration from its next."""
    return version.qualified_arn, version.config.internal_revision
