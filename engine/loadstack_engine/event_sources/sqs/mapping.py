"""What a mapping of a queue asks for."""

from dataclasses import dataclass
from typing import Any

from localstack.utils.aws.arns import parse_arn

from loadstack_engine.event_sources.filters import Filters
from loadstack_engine.event_sources.sqs.scaling import MOST


@dataclass(frozen=True)
class Mapping:
    """``window_s`` is the batching window, 0 for none; ``partial`` is ``ReportBatchItemFailures``."""

    uuid: str
    function_arn: str
    queue_arn: str
    region: str
    batch_size: int
    window_s: int
    maximum_concurrency: int
    partial: bool
    filters: Filters


def of(configuration: dict[str, Any]) -> Mapping:
    """From a mapping's configuration, as ``GetEventSourceMapping`` shows it."""
    queue_arn = configuration["EventSourceArn"]
    scaling = configuration.get("ScalingConfig") or {}
    return Mapping(
        uuid=configuration["UUID"],
        function_arn=configuration["FunctionArn"],
        queue_arn=queue_arn,
        region=parse_arn(queue_arn)["region"],
        batch_size=configuration.get("BatchSize") or 10,
        window_s=configuration.get("MaximumBatchingWindowInSeconds") or 0,
        maximum_concurrency=scaling.get("MaximumConcurrency") or MOST,
        partial="ReportBatchItemFailures" in (configuration.get("FunctionResponseTypes") or []),
        filters=Filters(configuration.get("FilterCriteria")),
    )
