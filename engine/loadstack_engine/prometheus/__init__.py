"""``/_loadstack/metrics``: the engine's figures in Prometheus' text format.

Nothing is kept for it: every scrape asks what counts anyway, and the processes.
"""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from loadstack_engine.prometheus import functions, processes, queues, requests

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4


class _Figures(Collector):
    def collect(self) -> Iterator[Metric]:
        yield from functions.collect()
        yield from queues.collect()
        yield from requests.collect()
        yield from processes.collect()


_REGISTRY = CollectorRegistry(auto_describe=False)
_REGISTRY.register(_Figures())


def page() -> bytes:
    """The figures as of now."""
    return generate_latest(_REGISTRY)
