"""What a mapping of a stream asks for."""

from dataclasses import dataclass
from typing import Any

from localstack.utils.aws.arns import parse_arn

from loadstack_engine.event_sources.filters import Filters
from loadstack_engine.event_sources.streams.batches import Policy


@dataclass(frozen=True)
class Mapping:
    """``position`` is where to start, as GetShardIterator takes it; ``lanes`` the parallelization factor."""

    uuid: str
    function_arn: str
    stream_arn: str
    position: dict[str, Any]
    batch_size: int
    window_s: int
    lanes: int
    partial: bool
    policy: Policy
    destination: str | None
    filters: Filters

    @property
    def region(self) -> str:
        region: str = parse_arn(self.stream_arn)["region"]
        return region


def of(configuration: dict[str, Any]) -> Mapping:
    """From a mapping's configuration, as ``GetEventSourceMapping`` shows it."""
    destination = (configuration.get("DestinationConfig") or {}).get("OnFailure") or {}
    return Mapping(
        uuid=configuration["UUID"],
        function_arn=configuration["FunctionArn"],
        stream_arn=configuration["EventSourceArn"],
        position=_position(configuration),
        batch_size=configuration.get("BatchSize") or 100,
        window_s=configuration.get("MaximumBatchingWindowInSeconds") or 0,
        lanes=configuration.get("ParallelizationFactor") or 1,
        partial="ReportBatchItemFailures" in (configuration.get("FunctionResponseTypes") or []),
        policy=Policy(
            bisect=bool(configuration.get("BisectBatchOnFunctionError")),
            most_retries=_limit(configuration.get("MaximumRetryAttempts")),
            most_age_s=_limit(configuration.get("MaximumRecordAgeInSeconds")),
        ),
        destination=destination.get("Destination"),
        filters=Filters(configuration.get("FilterCriteria")),
    )


def _position(configuration: dict[str, Any]) -> dict[str, Any]:
    position = {"ShardIteratorType": configuration["StartingPosition"]}
    if timestamp := configuration.get("StartingPositionTimestamp"):
        return {**position, "Timestamp": getattr(timestamp, "timestamp", lambda: float(timestamp))()}
    return position


def _limit(value: int | None) -> int | None:
    """-1 is AWS's word for no limit."""
    return None if value is None or value < 0 else value
