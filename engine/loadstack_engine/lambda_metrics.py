"""The Lambda metrics of CloudWatch, collected in memory and sent once a second.

LocalStack sends each one as it happens: a client, a call and a metric query language parse for every invocation.
"""

import logging
import threading
from collections import Counter
from datetime import UTC, datetime

from localstack.aws.connect import connect_to
from localstack.services.lambda_.invocation import version_manager

LOG = logging.getLogger(__name__)

_FLUSH_INTERVAL_S = 1.0
_METRICS_A_CALL = 500  # CloudWatch takes 1,000 at the most


class LambdaMetrics:
    """Counts by account, region, function and metric, until the next flush. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, str, str, str]] = Counter()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="lambda-metrics")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Send what is left, then end. Without a start before, nothing."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def invocation(self, function_name: str, account_id: str, region_name: str) -> None:
        self._add(function_name, account_id, region_name, "Invocations")

    def error(self, function_name: str, account_id: str, region_name: str) -> None:
        self._add(function_name, account_id, region_name, "Invocations", "Errors")

    def _add(self, function_name: str, account_id: str, region_name: str, *metrics: str) -> None:
        with self._lock:
            for metric in metrics:
                self._counts[account_id, region_name, function_name, metric] += 1

    def _run(self) -> None:
        last = False
        while not last:
            last = self._stopped.wait(_FLUSH_INTERVAL_S)
            try:
                self._flush()
            except Exception as error:
                LOG.warning("Lambda metrics of the last second were not stored: %s", error)

    def _flush(self) -> None:
        with self._lock:
            counts, self._counts = self._counts, Counter()
        by_place: dict[tuple[str, str], list[dict[str, object]]] = {}
        now = datetime.now(UTC)
        for (account, region, function, metric), count in counts.items():
            by_place.setdefault((account, region), []).append(
                {
                    "MetricName": metric,
                    "Dimensions": [{"Name": "FunctionName", "Value": function}],
                    "Timestamp": now,
                    "Unit": "Count",
                    "StatisticValues": {"SampleCount": count, "Sum": count, "Minimum": 1, "Maximum": 1},
                }
            )
        for (account, region), data in by_place.items():
            client = connect_to(aws_access_key_id=account, region_name=region).cloudwatch
            for start in range(0, len(data), _METRICS_A_CALL):
                client.put_metric_data(Namespace="AWS/Lambda", MetricData=data[start : start + _METRICS_A_CALL])


METRICS = LambdaMetrics()


def use() -> None:
    """Collect from now on, until ``METRICS.stop()``."""
    version_manager.record_cw_metric_invocation = METRICS.invocation
    version_manager.record_cw_metric_error = METRICS.error
    METRICS.start()
