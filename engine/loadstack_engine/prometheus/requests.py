"""HTTP requests that the engine's front answered."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily
from prometheus_client.metrics_core import Metric

from loadstack_engine.front.request_counts import REQUESTS


def collect() -> Iterator[Metric]:
    counter = CounterMetricFamily(
        "loadstack_http_requests", "HTTP requests by what they were for.", labels=("route", "status")
    )
    for (route, status), count in sorted(REQUESTS.snapshot().items()):
        counter.add_metric((route, str(status)), count)
    yield counter
