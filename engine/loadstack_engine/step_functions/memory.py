"""What is kept of executions that are over: everything of the latest, of older ones that they were.

AWS keeps the history of an execution for 90 days. Stock LocalStack keeps it as long as it runs: what went into each
state and came out of it, and each thread that ever ran.
"""

import threading
from collections import deque
from typing import Any

from localstack.services.stepfunctions.asl.component.program import program
from localstack.services.stepfunctions.asl.component.state.state_execution import execute_state
from localstack.services.stepfunctions.backend import execution_worker
from localstack.services.stepfunctions.backend.execution import BaseExecutionWorkerCommunication, Execution

from loadstack_engine.step_functions import stopping

KEPT = 250


class _Nowhere(list[Any]):
    """A list for threads that nobody looks at again; they are daemons."""

    def append(self, thread: Any) -> None:
        """Keep nothing."""


class Over:
    """The executions that ended, latest last; what falls out at the other end is shortened."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._lock = threading.Lock()
        self._executions: deque[Execution] = deque()

    def add(self, execution: Execution) -> None:
        """One more that ended."""
        with self._lock:
            self._executions.append(execution)
            oldest = self._executions.popleft() if len(self._executions) > self._kept else None
        if oldest is not None:
            shorten(oldest)

    def clear(self) -> None:
        """They are forgotten elsewhere too."""
        with self._lock:
            self._executions.clear()


OVER = Over()


def shorten(execution: Execution) -> None:
    """Forget the history and the data of an execution that is over: its name, status and times stay."""
    details = execution.exec_worker
    if details is not None:
        details.env = None
        details._evaluation_details = None
    execution.input_data = {}
    execution.input_details = {"included": False}
    if execution.output is not None:
        execution.output = {}
        execution.output_details = {"included": False}


def use() -> None:
    """Keep this much, from now on."""
    terminated = BaseExecutionWorkerCommunication.terminated

    def ended(communication: BaseExecutionWorkerCommunication) -> None:
        terminated(communication)
        if stopping.is_of_before(communication.execution):
            shorten(communication.execution)
        else:
            OVER.add(communication.execution)

    BaseExecutionWorkerCommunication.terminated = ended
    for module in (program, execute_state, execution_worker):
        module.TMP_THREADS = _Nowhere()
