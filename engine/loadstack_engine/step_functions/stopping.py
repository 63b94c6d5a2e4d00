"""Executions that are stopped: at once, by their own account, and by a reset."""

import threading
import time
from typing import Any

from localstack.services.stepfunctions.asl.eval.environment import Environment
from localstack.services.stepfunctions.asl.eval.program_state import ProgramStopped
from localstack.services.stepfunctions.backend.execution import Execution
from localstack.services.stepfunctions.backend.execution_worker import ExecutionWorker

from loadstack_engine.epoch import EPOCH


def is_of_before(execution: Execution) -> bool:
    """Whether a reset came since the execution was started."""
    return EPOCH.is_over_for(getattr(execution, "_loadstack_started", float("inf")))


def use() -> None:
    """From now on a stop counts however early it comes and whatever fails after it, and of an execution from before a
    reset nothing is told: it may sleep between two attempts for long, and notices that it was stopped only then.
    """
    _stop_early()
    _stay_stopped()
    _tell_nothing_after_a_reset()


def _stop_early() -> None:
    """Stock fails on a stop that comes before the execution's thread has begun."""
    make = ExecutionWorker._get_evaluation_environment
    one = threading.Lock()

    def stop_any(worker: ExecutionWorker, **how: Any) -> None:
        with one:
            if worker.env is None:
                worker._loadstack_stop = how
            else:
                worker.env.set_stop(**how)

    def make_stopped(worker: ExecutionWorker) -> Environment:
        made = make(worker)
        with one:
            worker.env = made
            how = getattr(worker, "_loadstack_stop", None)
        if how is not None:
            made.set_stop(**how)
        return made

    ExecutionWorker.stop = stop_any
    ExecutionWorker._get_evaluation_environment = make_stopped


def _stay_stopped() -> None:
    """In stock an execution that is stopped in a call is FAILED where that call then fails; on AWS it is ABORTED."""
    fail, time_out = Environment.set_error, Environment.set_timed_out

    def fail_unless_stopped(environment: Environment, error: Any) -> None:
        with environment._state_mutex:
            if not isinstance(environment.program_state(), ProgramStopped):
                fail(environment, error)

    def time_out_unless_stopped(environment: Environment) -> None:
        with environment._state_mutex:
            if not isinstance(environment.program_state(), ProgramStopped):
                time_out(environment)

    Environment.set_error = fail_unless_stopped
    Environment.set_timed_out = time_out_unless_stopped


def _tell_nothing_after_a_reset() -> None:
    start, tell = Execution.start, Execution.publish_execution_status_change_event

    def start_now(execution: Execution) -> None:
        execution._loadstack_started = time.monotonic()
        start(execution)

    def tell_of_now(execution: Execution) -> None:
        if not is_of_before(execution):
            tell(execution)

    Execution.start = start_now
    Execution.publish_execution_status_change_event = tell_of_now
