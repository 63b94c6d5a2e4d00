"""Invocations and execution environments, by function."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric

from loadstack_engine.environment_pools import environments_by_function
from loadstack_engine.statistics import DURATION_BUCKETS_S, STATISTICS

_COUNTERS = {
    "invocations": "Invocations that began.",
    "errors": "Invocations that ended with an error of the function.",
    "throttles": "Invocations that were turned away.",
    "cold_starts": "Processes started for an execution environment.",
}
_GAUGES = {
    "concurrency": "Invocations that run.",
    "max_concurrency": "The most invocations at once since LocalStack started.",
}
_LABELS = ("function",)


def collect() -> Iterator[Metric]:
    figures = STATISTICS.snapshot()
    for name, text in _COUNTERS.items():
        counter = CounterMetricFamily(f"loadstack_function_{name}", text, labels=_LABELS)
        for function, each in figures.items():
            counter.add_metric((function,), getattr(each, name))
        yield counter
    for name, text in _GAUGES.items():
        gauge = GaugeMetricFamily(f"loadstack_function_{name}", text, labels=_LABELS)
        for function, each in figures.items():
            gauge.add_metric((function,), getattr(each, name))
        yield gauge
    calls = CounterMetricFamily(
        "loadstack_function_calls", "AWS operations called by functions.", labels=("function", "operation")
    )
    durations = HistogramMetricFamily(
        "loadstack_function_duration_seconds", "How long invocations took in their environment.", labels=_LABELS
    )
    for function, each in figures.items():
        for operation, count in sorted(each.calls.items()):
            calls.add_metric((function, operation), count)
        durations.add_metric((function,), _cumulative(each.duration_counts), each.duration_sum_s)
    yield calls
    yield durations
    yield _environments()


def _cumulative(counts: list[int]) -> list[tuple[str, float]]:
    total = 0
    buckets = []
    for limit, count in zip((*DURATION_BUCKETS_S, float("inf")), counts, strict=True):
        total += count
        buckets.append(("+Inf" if limit == float("inf") else str(limit), float(total)))
    return buckets


def _environments() -> Metric:
    gauge = GaugeMetricFamily(
        "loadstack_function_environments", "Execution environments by state.", labels=("function", "state")
    )
    for function, (idle, busy) in sorted(environments_by_function().items()):
        gauge.add_metric((function, "idle"), idle)
        gauge.add_metric((function, "busy"), busy)
    return gauge
