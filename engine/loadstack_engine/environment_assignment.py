"""Which execution environment serves an invocation: an idle one, or a new one, or the next that becomes free.

Stock LocalStack starts an environment for every invocation that finds none idle. On a machine with two processors a
burst then starts dozens, which starve the few that could serve, until all time out. Here only so many start at once
(``LOADSTACK_PARALLEL_STARTS``), and an invocation that waits for its turn takes an environment of its function that
becomes idle meanwhile, whichever comes first.
"""

import contextlib
import logging
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from localstack.services.lambda_.invocation.assignment import AssignmentException, AssignmentService
from localstack.services.lambda_.invocation.execution_environment import (
    ExecutionEnvironment,
    InvalidStatusException,
    RuntimeStatus,
)
from localstack.services.lambda_.invocation.lambda_models import FunctionVersion, InitializationType

from loadstack_engine.settings import SETTINGS

LOG = logging.getLogger(__name__)


@dataclass
class _Waiter:
    """An invocation that waits: ``environment`` is what it got, None when it is its turn to start one."""

    pool: str
    served: threading.Event = field(default_factory=threading.Event)
    environment: Any = None


class StartGate:
    """Deals out the turns to start, and the environments that become free. First come, first served. Thread-safe."""

    def __init__(self, parallel_starts: int) -> None:
        self._lock = threading.Lock()
        self._turns = parallel_starts
        self._waiting: deque[_Waiter] = deque()

    def enter(self, pool: str) -> Any:
        """Wait for an environment of this pool, reserved for the caller, or for a turn to start one (None).

        Who gets a turn calls :meth:`started` when the start is over, however it went.
        """
        waiter = _Waiter(pool)
        with self._lock:
            if self._turns > 0:
                self._turns -= 1
                return None
            self._waiting.append(waiter)
        waiter.served.wait()
        return waiter.environment

    def started(self) -> None:
        """A turn is over: the longest waiting gets it."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().served.set()
            else:
                self._turns += 1

    def hand_over(self, pool: str, environment: Any) -> bool:
        """Give a reserved environment to whoever waits for one of this pool; False where nobody does."""
        with self._lock:
            waiter = next((each for each in self._waiting if each.pool == pool), None)
            if waiter is None:
                return False
            self._waiting.remove(waiter)
            waiter.environment = environment
            waiter.served.set()
            return True


_GATE = StartGate(SETTINGS.parallel_starts)


def _idle(service: AssignmentService, pool: str, kind: InitializationType) -> ExecutionEnvironment | None:
    """Reserve an idle environment of the pool, the one that was used last first."""
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
    if environment := _idle(service, pool, kind):
        return environment
    if kind == InitializationType.provisioned_concurrency:
        raise AssignmentException("No provisioned concurrency environment available despite lease.")
    if environment := _GATE.enter(pool):
        return environment
    try:
        environment = service.start_environment(pool, version)
        service.environments[pool][environment.id] = environment
        environment.reserve()
        return environment
    finally:
        _GATE.started()


def _give_back(environment: ExecutionEnvironment, pool: str) -> None:
    """Hand it to an invocation that waits, still reserved, or make it idle. One that was stopped is left alone."""
    in_use = environment.status == RuntimeStatus.INVOKING
    on_demand = environment.initialization_type == InitializationType.on_demand
    if in_use and on_demand and _GATE.hand_over(pool, environment):
        return
    with contextlib.suppress(InvalidStatusException):
        environment.release()


def use() -> None:
    """Change how LocalStack assigns environments, from now on."""

    @contextlib.contextmanager
    def get_environment(
        service: AssignmentService,
        version_manager_id: str,
        function_version: FunctionVersion,
        provisioning_type: InitializationType,
    ) -> Iterator[ExecutionEnvironment]:
        environment = _reserved(service, version_manager_id, function_version, provisioning_type)
        try:
            yield environment
        except Exception as error:
            LOG.error("Failed invocation %s: %s", type(error), error)
            service.stop_environment(environment)
            raise
        _give_back(environment, version_manager_id)

    AssignmentService.get_environment = get_environment
