"""What CloudWatch shows of a declared dashboard:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from collections.abc import Callable
from typing import Any

from bootstrap.monitoring import AlarmStates, Dashboard, Graph, Widget
from bootstrap.references import Value

type Resolve = Callable[[Value], str]

_WIDTH, _HEIGHT = 12, 6
_COLUMNS = 24 // _WIDTH
_PERIOD_S = 60


def body(dashboard: Dashboard, resolve: Resolve, region: str) -> dict[str, Any]:
    """The dashboard as CloudWatch takes it, once it is JSON; `resolve` says what values stand for."""
    return {"widgets": [_placed(index, widget, resolve, region) for index, widget in enumerate(dashboard.widgets)]}


def _placed(index: int, widget: Widget, resolve: Resolve, region: str) -> dict[str, Any]:
    place = {
        "x": index % _COLUMNS * _WIDTH,
        "y": index // _COLUMNS * _HEIGHT,
        "width": _WIDTH,
        "height": _HEIGHT,
    }
    match widget:
        case Graph():
            return {"type": "metric", **place, "properties": _graph(widget, resolve, region)}
        case AlarmStates():
            arns = [resolve(alarm.arn()) for alarm in widget.alarms]
            return {"type": "alarm", **place, "properties": {"title": widget.title, "alarms": arns}}


def _graph(graph: Graph, resolve: Resolve, region: str) -> dict[str, Any]:
    metrics: list[list[Any]] = []
    for line in graph.lines:
        path = [each for name, value in line.metric.dimensions.items() for each in (name, resolve(value))]
        shown = {"label": line.label, "stat": line.statistic}
        metrics.append([line.metric.namespace, line.metric.name, *path, shown])
    return {
        "title": graph.title,
        "metrics": metrics,
        "view": "timeSeries",
        "stacked": graph.stacked,
        "region": region,
        "period": _PERIOD_S,
    }
