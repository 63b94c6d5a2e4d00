"""What watches the stack: alarms and dashboards."""

import json
from typing import Any

from bootstrap.dashboard_body import body
from bootstrap.monitoring import Alarm, Dashboard
from bootstrap.template.names import expression, fragment

_LINE = 160  # longer than a metric with its names


def alarm(declared: Alarm) -> dict[str, Any]:
    actions = [expression(each.arn()) for each in declared.actions]
    dimensions = [{"Name": name, "Value": expression(value)} for name, value in declared.metric.dimensions.items()]
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": declared.name,
            "AlarmDescription": declared.description,
            "Namespace": declared.metric.namespace,
            "MetricName": declared.metric.name,
            "Dimensions": dimensions,
            "Statistic": declared.statistic,
            "Period": declared.period,
            "EvaluationPeriods": declared.evaluation_periods,
            "DatapointsToAlarm": declared.datapoints_to_alarm,
            "ComparisonOperator": declared.comparison,
            "Threshold": declared.threshold,
            "TreatMissingData": declared.missing_data,
            "AlarmActions": actions,
            "OKActions": actions,
        },
    }


def dashboard(declared: Dashboard) -> dict[str, Any]:
    """Its body is JSON in a text, with a line for each metric, so that a change is seen where it is."""
    text = _json(body(declared, fragment, "${AWS::Region}"))
    return {
        "Type": "AWS::CloudWatch::Dashboard",
        "Properties": {"DashboardName": declared.name, "DashboardBody": {"Fn::Sub": f"{text}\n"}},
    }


def _json(data: Any, indent: str = "") -> str:
    """JSON with what is short in one line."""
    text = json.dumps(data)
    if len(text) <= _LINE or not isinstance(data, dict | list) or not data:
        return text
    inner = f"{indent} "
    if isinstance(data, dict):
        parts = [f"{inner}{json.dumps(name)}: {_json(item, inner)}" for name, item in data.items()]
        return "{\n" + ",\n".join(parts) + f"\n{indent}}}"
    return "[\n" + ",\n".join(f"{inner}{_json(item, inner)}" for item in data) + f"\n{indent}]"
