"""Alarms on extended statistics: LocalStack stores them and never evaluates them."""

import math
import time
from copy import copy
from datetime import UTC, datetime
from typing import Any

from localstack.aws.api import RequestContext, handler
from localstack.aws.api.cloudwatch import (
    InvalidParameterValueException,
    MetricDataQuery,
    MetricStat,
    PutMetricAlarmInput,
    ScanBy,
)
from localstack.services.cloudwatch import alarm_scheduler, provider_v2
from localstack.services.cloudwatch.alarm_scheduler import AlarmScheduler
from localstack.services.cloudwatch.provider_v2 import CloudwatchProvider
from localstack.utils.aws import arns

from loadstack_engine.cloudwatch_metrics.statistics import SIMPLE, parse

_REQUIRED = ("Period", "MetricName", "Threshold")
_LONGEST_STEP_S = 60


def _is_supported(_: AlarmScheduler, alarm: dict[str, Any]) -> bool:
    return (
        all(name in alarm for name in _REQUIRED)
        and ("Statistic" in alarm or "ExtendedStatistic" in alarm)
        and alarm["ComparisonOperator"] in alarm_scheduler.COMPARISON_OPS
    )


def _collect(alarm: dict[str, Any], client: Any) -> list[float | None]:
    """A value for each period, the oldest first, None where there is none: two more than are evaluated at least.

    Periods begin on the clock, as the data that is kept by the minute does; the last one has just begun.
    """
    period, periods = alarm["Period"], alarm["EvaluationPeriods"]
    step = min(period, _LONGEST_STEP_S)
    count = periods + max(periods // 3, 2)
    end = math.ceil(time.time() / step) * step
    start = end - count * period
    found = client.get_metric_data(
        MetricDataQueries=[_query(alarm)],
        StartTime=datetime.fromtimestamp(start, UTC),
        EndTime=datetime.fromtimestamp(end, UTC),
        ScanBy=ScanBy.TimestampAscending,
    )["MetricDataResults"][0]
    values = {int(at.timestamp()): value for at, value in zip(found["Timestamps"], found["Values"], strict=True)}
    return [values.get(start + index * period) for index in range(count)]


def _query(alarm: dict[str, Any]) -> MetricDataQuery:
    metric = {name: alarm[name] for name in ("MetricName", "Namespace", "Dimensions") if alarm.get(name)}
    statistic = alarm.get("Statistic") or alarm["ExtendedStatistic"]
    wanted = MetricStat(Metric=metric, Period=alarm["Period"], Stat=statistic)
    if unit := alarm.get("Unit"):
        wanted["Unit"] = unit
    return MetricDataQuery(Id="alarm", MetricStat=wanted)


def use() -> None:
    AlarmScheduler._is_alarm_supported = _is_supported
    alarm_scheduler.collect_metric_data = _collect
    alarm_scheduler.generate_metric_query = _query

    original_describe = provider_v2.create_metric_data_query_from_alarm
    original_put = CloudwatchProvider.put_metric_alarm

    def describe(alarm: Any) -> Any:
        shown = copy(alarm)
        shown.alarm = {"Statistic": alarm.alarm.get("ExtendedStatistic"), **alarm.alarm}
        return original_describe(shown)

    @handler("PutMetricAlarm", expand=False)
    def put_metric_alarm(provider: CloudwatchProvider, context: RequestContext, request: PutMetricAlarmInput) -> None:
        extended = request.get("ExtendedStatistic")
        if not extended:
            original_put(provider, context, request)
            return
        if extended in SIMPLE or parse(extended) is None:
            raise InvalidParameterValueException(
                f"The value {extended} for parameter ExtendedStatistic is not supported."
            )
        # LocalStack's own knows the names that begin with p only.
        original_put(provider, context, {**request, "ExtendedStatistic": "p50"})
        arn = arns.cloudwatch_alarm_arn(request["AlarmName"], context.account_id, context.region)
        provider.get_store(context.account_id, context.region).alarms[arn].alarm["ExtendedStatistic"] = extended

    provider_v2.create_metric_data_query_from_alarm = describe
    CloudwatchProvider.put_metric_alarm = put_metric_alarm
