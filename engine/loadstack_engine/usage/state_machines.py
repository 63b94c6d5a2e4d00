"""Step Functions: https://aws.amazon.com/step-functions/pricing/: "a state transition each time a step of your workflow
is executed", retries included.

That is how standard workflows are billed; express ones are billed by duration, which is not counted. What TestState
tries is no execution.
"""

from typing import Any

from localstack.services.stepfunctions.asl.component.common.retry.retry_outcome import RetryOutcome
from localstack.services.stepfunctions.asl.component.state.state import CommonStateField
from localstack.services.stepfunctions.asl.component.state.state_execution.execute_state import ExecutionState
from localstack.services.stepfunctions.asl.eval.environment import Environment
from localstack.services.stepfunctions.asl.eval.test_state.environment import TestStateEnvironment

from loadstack_engine.usage.harmless import harmless
from loadstack_engine.usage.meter import USAGE


def use() -> None:
    """Count from now on."""
    evaluate, handle = CommonStateField._eval_body, ExecutionState._handle_retry

    def eval_body(state: CommonStateField, env: Any) -> None:
        _count(env)
        evaluate(state, env)

    def handle_retry(state: ExecutionState, env: Any, failure_event: Any) -> RetryOutcome:
        outcome = handle(state, env=env, failure_event=failure_event)
        if outcome == RetryOutcome.CanRetry:
            _count(env)
        return outcome

    CommonStateField._eval_body = eval_body
    ExecutionState._handle_retry = handle_retry


@harmless
def _count(env: Environment) -> None:
    if env.is_standard_workflow() and not isinstance(env, TestStateEnvironment):
        machine = env.states.context_object.context_object_data["StateMachine"]["Name"]
        USAGE.add(("states", machine, "transitions"))
