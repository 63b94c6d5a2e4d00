"""Latencies as HDR histograms: a fixed size whatever is recorded, and sums of them are exact.

Each process records its own, and the main process adds them up, bucket by bucket: a percentile of the sum is
the percentile of all samples, which no average of percentiles is. A bucket is at most 0.1 % wide (three
significant digits), and whoever asks gets its upper end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from hdrh.histogram import HdrHistogram

from loadtests.orders import Order
from loadtests.percentiles import Latency, latency_of, new_histogram, record
from loadtests.records import Request

ORDER: Final = "order"
_SYNC: Final = "sync "
_HOP: Final = "hop "


class Histograms:
    """Histograms by name: `sync POST /orders`, `order`, `hop accepted→stock-reserved`."""

    def __init__(self) -> None:
        self._by_name: dict[str, HdrHistogram] = {}

    def add_request(self, request: Request) -> None:
        """Record a request's latency from its intended send."""
        self._record(_SYNC + request.key, request.latency_ms)

    def add_order(self, order: Order) -> None:
        """Record an order's latency, if it was decided, and its hops as far as it came."""
        if (latency_ms := order.latency_ms) is not None:
            self._record(ORDER, latency_ms)
        for hop, took_ms in order.hops_ms():
            self._record(_HOP + hop, took_ms)

    def encode(self) -> dict[str, bytes]:
        """A form for another process: HdrHistogram's own, compressed, a few hundred bytes each."""
        return {name: histogram.encode() for name, histogram in self._by_name.items()}

    def merge(self, encoded: Mapping[str, bytes]) -> None:
        """Add what another process has encoded."""
        for name, data in encoded.items():
            self._get(name).add(HdrHistogram.decode(data))

    def order(self) -> Latency:
        """Of whole orders; count 0 without any."""
        return latency_of(self._by_name.get(ORDER))

    def sync(self) -> dict[str, Latency]:
        """By request, in alphabetical order."""
        return self._starting_with(_SYNC)

    def hops(self) -> dict[str, Latency]:
        """By hop, in alphabetical order."""
        return self._starting_with(_HOP)

    def _starting_with(self, prefix: str) -> dict[str, Latency]:
        names = sorted(name for name in self._by_name if name.startswith(prefix))
        return {name.removeprefix(prefix): latency_of(self._by_name[name]) for name in names}

    def _record(self, name: str, ms: float) -> None:
        record(self._get(name), ms)

    def _get(self, name: str) -> HdrHistogram:
        if name not in self._by_name:
            self._by_name[name] = new_histogram()
        return self._by_name[name]


def of_rows(requests: Iterable[Request], orders: Iterable[Order]) -> Histograms:
    """The histograms of these requests and orders."""
    histograms = Histograms()
    for request in requests:
        histograms.add_request(request)
    for order in orders:
        histograms.add_order(order)
    return histograms
