"""Counts invocations where they reach a function: those in work, and those that concurrency limits turn away.

What turned one away: ``reserved`` (the function's reserved concurrency), ``account`` (what the account has left), or
``environments``: this machine's bound, LOADSTACK_MAX_ENVIRONMENTS, or no turn to start one in time. AWS has no such.
"""

from localstack.aws.api.lambda_ import ThrottleReason, TooManyRequestsException
from localstack.services.lambda_.invocation.lambda_models import Invocation, InvocationResult
from localstack.services.lambda_.invocation.version_manager import LambdaVersionManager

from loadstack_engine.cloudwatch_metrics.lambda_metrics import METRICS
from loadstack_engine.environment_pools import NoRoomError, NoTurnError
from loadstack_engine.statistics import STATISTICS


def use() -> None:
    original = LambdaVersionManager.invoke

    def invoke(manager: LambdaVersionManager, *, invocation: Invocation) -> InvocationResult:
        function = manager.function_version.id.function_name
        try:
            with STATISTICS.in_work(function):
                return original(manager, invocation=invocation)
        except TooManyRequestsException as error:
            METRICS.throttle(invocation.invoked_arn)
            STATISTICS.throttle(function, reason_of(error))
            raise

    LambdaVersionManager.invoke = invoke


def reason_of(error: TooManyRequestsException) -> str:
    """``reserved``, ``account`` or ``environments``."""
    if isinstance(error.__cause__, NoRoomError | NoTurnError):
        return "environments"
    reserved = error.Reason == ThrottleReason.ReservedFunctionConcurrentInvocationLimitExceeded
    return "reserved" if reserved else "account"
