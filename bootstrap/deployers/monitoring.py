"""CloudWatch alarms and dashboards."""

import json
from collections.abc import Mapping
from typing import Any

from bootstrap.context import Context, Outcome
from bootstrap.dashboard_body import body
from bootstrap.monitoring import Alarm, Dashboard, Metric


def ensure_alarm(context: Context, alarm: Alarm) -> Outcome:
    found: Any = context.observed.alarms().get(alarm.name)
    wanted = _alarm(context, alarm)
    if found and all(_comparable(found.get(key)) == _comparable(value) for key, value in wanted.items()):
        return Outcome.UNCHANGED
    context.clients.cloudwatch.put_metric_alarm(**wanted)
    return Outcome.UPDATED if found else Outcome.CREATED


def ensure_dashboard(context: Context, dashboard: Dashboard) -> Outcome:
    cloudwatch = context.clients.cloudwatch
    is_there = dashboard.name in context.observed.dashboards()
    wanted = body(dashboard, context.resolve, context.place.region)
    if is_there and json.loads(cloudwatch.get_dashboard(DashboardName=dashboard.name)["DashboardBody"]) == wanted:
        return Outcome.UNCHANGED
    # What it answers are warnings: a dashboard that is wrong is refused with an error.
    cloudwatch.put_dashboard(DashboardName=dashboard.name, DashboardBody=json.dumps(wanted))
    return Outcome.UPDATED if is_there else Outcome.CREATED


def _alarm(context: Context, alarm: Alarm) -> Any:
    actions = [context.arn(action) for action in alarm.actions]
    return {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "Namespace": alarm.metric.namespace,
        "MetricName": alarm.metric.name,
        "Dimensions": [{"Name": name, "Value": value} for name, value in _dimensions(context, alarm.metric).items()],
        "Statistic": alarm.statistic,
        "Period": alarm.period,
        "EvaluationPeriods": alarm.evaluation_periods,
        "DatapointsToAlarm": alarm.datapoints_to_alarm,
        "Threshold": alarm.threshold,
        "ComparisonOperator": alarm.comparison,
        "TreatMissingData": alarm.missing_data,
        "AlarmActions": actions,
        "OKActions": actions,
        "ActionsEnabled": True,
    }


def _dimensions(context: Context, metric: Metric) -> Mapping[str, str]:
    return {name: context.resolve(value) for name, value in metric.dimensions.items()}


def _comparable(value: Any) -> Any:
    """Dimensions come back in an order of their own."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return sorted((each["Name"], each["Value"]) for each in value)
    return value
