"""GetMetricStatistics with extended statistics; LocalStack's fails without simple ones."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from localstack.aws.api import RequestContext
from localstack.aws.api.cloudwatch import (
    GetMetricStatisticsOutput,
    InvalidParameterCombinationException,
    InvalidParameterValueException,
    MetricDataQuery,
    MetricStat,
    ScanBy,
)
from localstack.services.cloudwatch import provider_v2
from localstack.services.cloudwatch.provider_v2 import CloudwatchProvider

_NO_UNIT = "NULL_VALUE"


def _get_metric_statistics(
    provider: CloudwatchProvider,
    context: RequestContext,
    namespace: str,
    metric_name: str,
    start_time: datetime,
    end_time: datetime,
    period: int,
    dimensions: list[dict[str, str]] | None = None,
    statistics: list[str] | None = None,
    extended_statistics: list[str] | None = None,
    unit: str | None = None,
    **_: Any,
) -> GetMetricStatisticsOutput:
    _validate(start_time, end_time, period, statistics, extended_statistics)
    store, account_id, region = provider.cloudwatch_database, context.account_id, context.region
    metric = {"MetricName": metric_name, "Namespace": namespace, "Dimensions": dimensions or []}
    units = (
        [unit]
        if unit
        else store.get_units_for_metric_data_stat(account_id, region, start_time, end_time, metric_name, namespace)
    )
    datapoints: defaultdict[tuple[str, int], dict[str, Any]] = defaultdict(dict)
    for its_unit in units:
        for statistic in [*(statistics or []), *(extended_statistics or [])]:
            wanted = MetricStat(Metric=metric, Period=period, Stat=statistic, Unit=its_unit)
            query = MetricDataQuery(MetricStat=wanted)
            found = store.get_metric_data_stat(
                account_id, region, query, start_time, end_time, ScanBy.TimestampDescending
            )
            for at, value in zip(found["timestamps"], found["values"], strict=True):
                point = datapoints[its_unit, at]
                extended = statistic in (extended_statistics or [])
                target = point.setdefault("ExtendedStatistics", {}) if extended else point
                target[statistic] = float(value)
    return GetMetricStatisticsOutput(
        Label=metric_name,
        Datapoints=[
            {"Timestamp": at, "Unit": "None" if its_unit == _NO_UNIT else its_unit, **point}
            for (its_unit, at), point in datapoints.items()
        ],
    )


def _validate(
    start_time: datetime,
    end_time: datetime,
    period: int,
    statistics: list[str] | None,
    extended_statistics: list[str] | None,
) -> None:
    if not statistics and not extended_statistics:
        raise InvalidParameterCombinationException("Must specify either Statistics or ExtendedStatistics")
    if start_time >= end_time:
        raise InvalidParameterValueException("The parameter StartTime must be less than the parameter EndTime.")
    wanted = (end_time - start_time).total_seconds() / period
    if wanted > provider_v2.AWS_MAX_DATAPOINTS_ACCEPTED:
        raise InvalidParameterCombinationException(
            f"You have requested up to {int(wanted)} datapoints, which exceeds the limit of "
            f"{provider_v2.AWS_MAX_DATAPOINTS_ACCEPTED}. You may reduce the datapoints requested by increasing "
            "Period, or decreasing the time range."
        )


def use() -> None:
    CloudwatchProvider.get_metric_statistics = _get_metric_statistics
