"""Alarms on extended statistics: LocalStack stores them and never evaluates them (`evaluation` does)."""

from copy import copy
from typing import Any

from localstack.aws.api import RequestContext, handler
from localstack.aws.api.cloudwatch import (
    InvalidParameterValueException,
    PutMetricAlarmInput,
)
from localstack.services.cloudwatch import provider_v2
from localstack.services.cloudwatch.provider_v2 import CloudwatchProvider
from localstack.utils.aws import arns

from loadstack_engine.cloudwatch_metrics.statistics import SIMPLE, parse


def use() -> None:
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
