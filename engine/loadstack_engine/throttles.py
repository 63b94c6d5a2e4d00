"""Counts invocations where they reach a function: those in work, and those that concurrency limits turn away."""

from localstack.aws.api.lambda_ import TooManyRequestsException
from localstack.services.lambda_.invocation.lambda_models import Invocation, InvocationResult
from localstack.services.lambda_.invocation.version_manager import LambdaVersionManager

from loadstack_engine.cloudwatch_metrics.lambda_metrics import METRICS
from loadstack_engine.statistics import STATISTICS


def use() -> None:
    original = LambdaVersionManager.invoke

    def invoke(manager: LambdaVersionManager, *, invocation: Invocation) -> InvocationResult:
        function = manager.function_version.id.function_name
        try:
            with STATISTICS.in_work(function):
                return original(manager, invocation=invocation)
        except TooManyRequestsException:
            METRICS.throttle(invocation.invoked_arn)
            STATISTICS.throttle(function)
            raise

    LambdaVersionManager.invoke = invoke
