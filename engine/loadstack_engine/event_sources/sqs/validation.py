"""Limits of an SQS mapping's configuration that LocalStack does not check.

https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
"""

from typing import Any

from localstack.aws.api import RequestContext
from localstack.aws.api.lambda_ import InvalidParameterValueException
from localstack.services.lambda_.provider import LambdaProvider, ValidationException

_CONCURRENCY = range(2, 1001)
_FIFO_BATCH_SIZE = 10


def check(configuration: dict[str, Any]) -> None:
    """
    Raises:
        ValidationException, InvalidParameterValueException: a limit is not kept.
    """
    concurrency = (configuration.get("ScalingConfig") or {}).get("MaximumConcurrency")
    if concurrency is not None and concurrency not in _CONCURRENCY:
        limit = "greater than or equal to 2" if concurrency < _CONCURRENCY.start else "less than or equal to 1000"
        raise ValidationException(
            f"1 validation error detected: Value '{concurrency}' at 'scalingConfig.maximumConcurrency' failed to "
            f"satisfy constraint: Member must have value {limit}"
        )
    if (configuration.get("EventSourceArn") or "").endswith(".fifo"):
        if (configuration.get("BatchSize") or 0) > _FIFO_BATCH_SIZE:
            raise InvalidParameterValueException("Batch size must be at most 10 for FIFO queues.", Type="User")
        if configuration.get("MaximumBatchingWindowInSeconds"):
            raise InvalidParameterValueException("Batching window is not supported for FIFO queues.", Type="User")


def use() -> None:
    original = LambdaProvider.validate_event_source_mapping

    def validate(provider: LambdaProvider, context: RequestContext, request: dict[str, Any]) -> Any:
        check(request)
        return original(provider, context, request)

    LambdaProvider.validate_event_source_mapping = validate
