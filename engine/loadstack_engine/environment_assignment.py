"""Which execution environment serves an invocation: an idle one, a new one, or the next that becomes free.

Only so many start at once (:mod:`loadstack_engine.start_gate`), and an invocation that waits for its turn takes an
environment of its function that becomes idle meanwhile, whichever comes first. Provisioned environments start as in
stock LocalStack.
"""

import contextlib
import logging
from collections.abc import Iterator
from typing import Any

from localstack.aws.api.lambda_ import ServiceException
from localstack.services.lambda_.invocation.assignment import AssignmentException, AssignmentService
from localstack.services.lambda_.invocation.execution_environment import (
    ExecutionEnvironment,
    InvalidStatusException,
    RuntimeStatus,
)
from localstack.services.lambda_.invocation.lambda_models import (
    FunctionVersion,
    InitializationType,
    InvocationResult,
)
from localstack.services.lambda_.invocation.lambda_service import LambdaService
from localstack.services.lambda_.invocation.version_manager import LambdaVersionManager

from loadstack_engine.start_gate import GATE, PoolClosedError

LOG = logging.getLogger(__name__)

# As LocalStack's version manager words it.
_SHUTTING_DOWN = "version shutting down"
_ATTEMPTS = 3


def _idle(service: AssignmentService, pool: str, kind: InitializationType) -> ExecutionEnvironment | None:
    """Reserve an idle environment of the pool, the newest first."""
    for environment in reversed(list(service.environments[pool].values())):
        if environment.initialization_type == kind:
            try:
                environment.reserve()
            except InvalidStatusException:
                continue
            return environment
    return None


def _reserved(
    service: AssignmentService, pool: str, version: FunctionVersion, kind: InitializationType
) -> ExecutionEnvironment:
    if kind == InitializationType.provisioned_concurrency:
        if environment := _idle(service, pool, kind):
            return environment
        raise AssignmentException("No provisioned concurrency environment available despite lease.")
    while environment := GATE.enter(pool, lambda: _idle(service, pool, kind)):
        if environment.status == RuntimeStatus.INVOKING:
            return environment
        # It was stopped on its way to us.
    try:
        if environment := _idle(service, pool, kind):
            return environment
        environment = service.start_environment(pool, version)
        service.environments[pool][environment.id] = environment
        environment.reserve()
        return environment
    finally:
        GATE.started()


def _give_back(environment: ExecutionEnvironment, pool: str) -> None:
    """Hand it to an invocation that waits, still reserved, or make it idle. One that was stopped is left alone."""
    with contextlib.suppress(InvalidStatusException):
        usable = environment.status == RuntimeStatus.INVOKING
        if usable and environment.initialization_type == InitializationType.on_demand:
            GATE.give_back(pool, environment, environment.release)
        else:
            environment.release()


@contextlib.contextmanager
def _get_environment(
    service: AssignmentService,
    version_manager_id: str,
    function_version: FunctionVersion,
    provisioning_type: InitializationType,
) -> Iterator[ExecutionEnvironment]:
    try:
        environment = _reserved(service, version_manager_id, function_version, provisioning_type)
    except PoolClosedError as error:
        raise ServiceException(f"Got an invocation for a {_SHUTTING_DOWN}") from error
    try:
        yield environment
    except Exception as error:
        LOG.error("Failed invocation %s: %s", type(error), error)
        service.stop_environment(environment)
        raise
    _give_back(environment, version_manager_id)


def use() -> None:
    """Change how LocalStack assigns environments, from now on.

    An invocation that reaches, or waits for, a version that an update replaces meanwhile goes to the new one.
    """
    AssignmentService.get_environment = _get_environment
    original_stop = LambdaVersionManager.stop
    original_invoke = LambdaService.invoke

    def stop(manager: LambdaVersionManager) -> None:
        manager.shutdown_event.set()
        GATE.close(manager.id)
        original_stop(manager)

    def invoke(service: LambdaService, *arguments: Any, **named: Any) -> InvocationResult | None:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return original_invoke(service, *arguments, **named)
            except ServiceException as error:
                if attempt == _ATTEMPTS or _SHUTTING_DOWN not in str(error):
                    raise
        return None

    LambdaVersionManager.stop = stop
    LambdaService.invoke = invoke
