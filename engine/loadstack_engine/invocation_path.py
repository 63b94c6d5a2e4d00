"""From ``Invoke`` to the executor: limits, an environment, the log, the metrics; no thread of its own for any of it.

Stock LocalStack starts a thread for a metric and a timer for the keep-alive with every invocation.
"""

import base64
import copy
import json
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any

from localstack.aws.api.lambda_ import (
    InvalidRequestContentException,
    InvocationType,
    RequestTooLargeException,
    ServiceException,
    ThrottleReason,
    TracingMode,
)
from localstack.services.lambda_.invocation import version_manager
from localstack.services.lambda_.invocation.assignment import AssignmentService
from localstack.services.lambda_.invocation.execution_environment import ExecutionEnvironment
from localstack.services.lambda_.invocation.lambda_models import (
    FunctionVersion,
    InitializationType,
    Invocation,
    InvocationResult,
)
from localstack.services.lambda_.invocation.lambda_service import LambdaService
from localstack.services.lambda_.invocation.version_manager import LambdaVersionManager
from localstack.utils.threads import start_thread
from localstack.utils.xray.trace_header import TraceHeader

from loadstack_engine.concurrency import LIMITS, too_many_requests
from loadstack_engine.environment_pools import POOLS, NoRoomError, NoTurnError, PoolClosedError
from loadstack_engine.settings import SETTINGS

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
_REQUEST_LIMIT_BYTES = 6 * 1024 * 1024
_EVENT_LIMIT_BYTES = 1024 * 1024
# As LocalStack's version manager words it.
_SHUTTING_DOWN = "version shutting down"
_ATTEMPTS = 3
# Beyond the function's timeout: an init may take as long.
_WAIT_FOR_TURN_S = 10.0


def _pool(version: FunctionVersion, manager_id: str) -> str:
    return f"{version.id.function_name}/{manager_id}"


def _invoke_version(manager: LambdaVersionManager, *, invocation: Invocation) -> InvocationResult:
    if manager.shutdown_event.is_set():
        raise ServiceException(f"Got an invocation for a {_SHUTTING_DOWN}")
    version = manager.function_version
    pool = _pool(version, manager.id)
    with LIMITS.lease(manager.function, version, manager.provisioned_state) as kind:
        try:
            environment = _environment(manager, pool, kind)
            result = _run(manager, pool, environment, invocation)
        except PoolClosedError as error:
            raise ServiceException(f"Got an invocation for a {_SHUTTING_DOWN}") from error
        except (NoRoomError, NoTurnError) as error:
            raise too_many_requests(ThrottleReason.ConcurrentInvocationLimitExceeded) from error
    _count(version, is_error=result.is_error)
    return result


def _environment(manager: LambdaVersionManager, pool: str, kind: InitializationType) -> ExecutionEnvironment:
    if kind == InitializationType.provisioned_concurrency and (environment := POOLS.take_provisioned(pool)):
        return environment
    start = partial(_start, manager.function_version, manager.id, InitializationType.on_demand)
    return POOLS.acquire(pool, start, manager.function_version.config.timeout + _WAIT_FOR_TURN_S)


def _start(version: FunctionVersion, manager_id: str, kind: InitializationType) -> ExecutionEnvironment:
    environment = ExecutionEnvironment(version, kind, on_timeout=lambda *_: None, version_manager_id=manager_id)
    try:
        environment.runtime_executor.start(environment.get_environment_variables())
    except BaseException:
        environment.runtime_executor.stop()
        raise
    return environment


def _run(
    manager: LambdaVersionManager, pool: str, environment: ExecutionEnvironment, invocation: Invocation
) -> InvocationResult:
    provisioned = environment.initialization_type == InitializationType.provisioned_concurrency
    try:
        result = environment.runtime_executor.invoke(_event(manager.function_version, invocation))
        result.executed_version = manager.function_version.id.qualifier
        # Before the environment is free: the next invocation's lines follow.
        manager.store_logs(invocation_result=result, execution_env=environment)
    except BaseException:
        if provisioned:
            POOLS.give_up_provisioned(environment)
        else:
            POOLS.discard(pool, environment)
        raise
    (POOLS.add_provisioned if provisioned else POOLS.release)(pool, environment)
    return result


def _event(version: FunctionVersion, invocation: Invocation) -> dict[str, Any]:
    return {
        "invoke-id": invocation.request_id,
        "invoked-function-arn": invocation.invoked_arn,
        "payload": invocation.payload,
        "trace-id": _trace_header(version, invocation),
        "client-context": _client_context(invocation.client_context),
    }


def _trace_header(version: FunctionVersion, invocation: Invocation) -> str:
    """The caller's trace, or a new one. Where the caller has not decided, active tracing samples, and nothing else.

    https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html
    """
    given = (invocation.trace_context or {}).get("aws_trace_header")
    header = copy.copy(given) if given else TraceHeader()
    header.ensure_root_exists()
    header.ensure_parent_exists()
    if header.sampled in (None, "?"):
        header.ensure_sampled_exists(version.config.tracing_config_mode == TracingMode.Active)
    return str(header.to_header_str())


def _client_context(given: str | None) -> str | None:
    """As JSON: ``Invoke`` takes it encoded, LocalStack's function URLs give it as it is.

    Raises:
        InvalidRequestContentException: it is neither.
    """
    if not given or given.startswith("{"):
        return given
    try:
        decoded = base64.b64decode(given, validate=True).decode()
        json.loads(decoded)
    except ValueError as error:
        words = "Client context must be a valid Base64-encoded JSON object."
        raise InvalidRequestContentException(words, Type="User") from error
    return decoded


def _count(version: FunctionVersion, *, is_error: bool) -> None:
    record = version_manager.record_cw_metric_error if is_error else version_manager.record_cw_metric_invocation
    place = {
        "function_name": version.id.function_name,
        "account_id": version.id.account,
        "region_name": version.id.region,
    }
    if SETTINGS.lambda_metrics:
        record(**place)
    else:  # a call to CloudWatch
        start_thread(lambda *_, **__: record(**place), name="record-cloudwatch-metric")


def _scale_provisioned(
    service: AssignmentService, version_manager_id: str, function_version: FunctionVersion, target: int
) -> list[Future[None]]:
    """Start as many as are wanted, then end those that were there before, as LocalStack does."""
    pool = _pool(function_version, version_manager_id)
    try:
        POOLS.reserve_provisioned(pool, target)
    except (NoRoomError, PoolClosedError) as error:
        failed: Future[None] = Future()
        failed.set_exception(error)
        return [failed]
    former = list(service.environments[version_manager_id].values())
    service.environments[version_manager_id].clear()
    start = partial(_start_provisioned, service, version_manager_id, function_version)
    futures = [service.provisioning_pool.submit(start) for _ in range(target)]
    return futures + [service.provisioning_pool.submit(POOLS.retire_provisioned, pool, each) for each in former]


def _start_provisioned(service: AssignmentService, version_manager_id: str, version: FunctionVersion) -> None:
    try:
        environment = _start(version, version_manager_id, InitializationType.provisioned_concurrency)
    except BaseException:
        POOLS.give_up_provisioned()
        raise
    service.environments[version_manager_id][environment.id] = environment
    POOLS.add_provisioned(_pool(version, version_manager_id), environment)


def _check_size(payload: bytes | None, invocation_type: str | None) -> None:
    """Raises RequestTooLargeException, in AWS's words."""
    size = len(payload or b"")
    if invocation_type == InvocationType.Event and size > _EVENT_LIMIT_BYTES:
        raise RequestTooLargeException(
            f"{size} byte payload is too large for the Event invocation type (limit {_EVENT_LIMIT_BYTES} bytes)",
            Type="User",
        )
    if size > _REQUEST_LIMIT_BYTES:
        raise RequestTooLargeException(
            f"Request must be smaller than {_REQUEST_LIMIT_BYTES} bytes for the InvokeFunction operation", Type="User"
        )


def _sweep() -> None:
    # One that becomes idle later has its keep-alive pass later than any that the sweep saw.
    while not _ended.wait(POOLS.sweep()):
        pass


_ended = threading.Event()


def end() -> None:
    """No more sweeps."""
    _ended.set()


def use() -> None:
    """Invoke functions this way from now on.

    An invocation that reaches, or waits for, a version that an update replaces meanwhile goes to the new one.
    """
    original_start: Callable[..., Any] = LambdaVersionManager.start
    original_stop: Callable[..., Any] = LambdaVersionManager.stop
    original_invoke: Callable[..., Any] = LambdaService.invoke

    def start(manager: LambdaVersionManager) -> Any:
        POOLS.open(_pool(manager.function_version, manager.id))
        return original_start(manager)

    def stop(manager: LambdaVersionManager) -> None:
        manager.shutdown_event.set()
        POOLS.close(_pool(manager.function_version, manager.id))
        manager.assignment_service.environments.pop(manager.id, None)
        original_stop(manager)

    def invoke(service: LambdaService, **arguments: Any) -> InvocationResult | None:
        _check_size(arguments["payload"], arguments["invocation_type"])
        _client_context(arguments["client_context"])
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return original_invoke(service, **arguments)
            except ServiceException as error:
                if attempt == _ATTEMPTS or _SHUTTING_DOWN not in str(error):
                    raise
        return None

    LambdaVersionManager.start = start
    LambdaVersionManager.stop = stop
    LambdaVersionManager.invoke = _invoke_version
    LambdaService.invoke = invoke
    AssignmentService.scale_provisioned_concurrency = _scale_provisioned
    threading.Thread(target=_sweep, daemon=True, name="lambda-keep-alive").start()
