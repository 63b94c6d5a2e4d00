"""Hands collected metrics over to the CloudWatch service."""

from collections.abc import Iterator

from localstack.aws.connect import connect_to
from localstack.utils.bootstrap import is_api_enabled

from loadstack_engine.cloudwatch_metrics.collector import Datum
from loadstack_engine.in_process import context_of, provider_of

# What PutMetricData takes, for a provider that is not LocalStack's second one:
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
_VALUES_A_METRIC = 150
_METRICS_A_CALL = 200


def deliver(account_id: str, region: str, namespace: str, data: list[Datum]) -> None:
    """Within the process if it can be; nothing where LocalStack runs without CloudWatch."""
    if not is_api_enabled("cloudwatch"):
        return
    provider = provider_of("cloudwatch")
    if hasattr(provider, "cloudwatch_database"):
        provider.put_metric_data(context_of(account_id, region), namespace, data)
        return
    client = connect_to(aws_access_key_id=account_id, region_name=region).cloudwatch
    parts = [part for datum in data for part in _parts(datum)]
    for start in range(0, len(parts), _METRICS_A_CALL):
        client.put_metric_data(Namespace=namespace, MetricData=parts[start : start + _METRICS_A_CALL])


def _parts(datum: Datum) -> Iterator[Datum]:
    for start in range(0, len(datum["Values"]), _VALUES_A_METRIC):
        end = start + _VALUES_A_METRIC
        yield datum | {"Values": datum["Values"][start:end], "Counts": datum["Counts"][start:end]}
