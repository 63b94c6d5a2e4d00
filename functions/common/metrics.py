"""The shop's metrics, as log lines in CloudWatch's embedded metric format: no call to AWS, one line an invocation.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format.html
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

NAMESPACE = "Shop"

type Handler = Callable[[dict[str, Any], LambdaContext], Any]
type Measured = tuple[MetricUnit, float]
"""A value with its unit."""

_metrics = Metrics(namespace=NAMESPACE)


def add(measured: Mapping[str, Measured]) -> None:
    """Note a value of each metric, by name; the only dimension is the service."""
    for name, (unit, value) in measured.items():
        _metrics.add_metric(name=name, unit=unit, value=value)


def writes_metrics(handler: Handler) -> Handler:
    """Let `handler` end with one line of all that was noted meanwhile, also when it raises; none of nothing."""

    @wraps(handler)
    def measured(event: dict[str, Any], context: LambdaContext) -> Any:
        try:
            return handler(event, context)
        finally:
            if _metrics.provider.metric_set:  # Powertools warns of an empty one
                _metrics.flush_metrics()

    return measured
