"""Counts the invocations that LocalStack's concurrency limits turn away."""

from typing import Any

from localstack.aws.api.lambda_ import TooManyRequestsException
from localstack.services.lambda_.invocation.lambda_models import InvocationResult
from localstack.services.lambda_.invocation.version_manager import LambdaVersionManager

from loadstack_engine.statistics import STATISTICS


def use() -> None:
    original = LambdaVersionManager.invoke

    def invoke(manager: LambdaVersionManager, **invocation: Any) -> InvocationResult:
        try:
            return original(manager, **invocation)
        except TooManyRequestsException:
            STATISTICS.throttle(manager.function_version.id.function_name)
            raise

    LambdaVersionManager.invoke = invoke
