"""Collects observations in memory and hands them to CloudWatch once a second.

LocalStack sends each one as it happens: a thread, a client, a call and a write to a database for every invocation.
"""

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

LOG = logging.getLogger(__name__)

_INTERVAL_S = 1.0


class Series(NamedTuple):
    """What CloudWatch tells metrics apart by. ``dimensions`` are (name, value) pairs, sorted; resolution in seconds."""

    account_id: str
    region: str
    namespace: str
    metric: str
    dimensions: tuple[tuple[str, str], ...] = ()
    unit: str = "Count"
    resolution: int = 60


type Add = Callable[[Series, Mapping[float, float]], None]
"""Takes a series, and how often each of its values was observed."""

type Datum = dict[str, Any]
"""One of PutMetricData's ``MetricData``."""

type Deliver = Callable[[str, str, str, list[Datum]], None]
"""Takes account, region and namespace, and the data."""


class Collector:
    """Values by series and second, until the next flush. Thread-safe.

    Observations are stamped with the beginning of the second in which they were collected, unless they bring a time of
    their own. What cannot be stored is told in the log and gone.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: defaultdict[tuple[Series, float], defaultdict[float, float]]
        self._values = defaultdict(lambda: defaultdict(float))
        self._sources: list[Callable[[Add], None]] = []
        self._window = time.time()
        self._flushing = threading.Lock()
        self._stopped = threading.Event()
        self._deliver: Deliver = lambda *_: None
        self._thread = threading.Thread(target=self._run, daemon=True, name="cloudwatch-metrics")

    def start(self, deliver: Deliver) -> None:
        """Flush every second from now on; once only. What was collected before is delivered too."""
        self._deliver = deliver
        self._thread.start()

    def stop(self) -> None:
        """Send what is left, then end. Without a start before, nothing."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def add_source(self, source: Callable[[Add], None]) -> None:
        """``source(add)`` is called at each flush, for what counts by itself or is sampled."""
        self._sources.append(source)

    def add(self, series: Series, counts: Mapping[float, float], *, at: float | None = None) -> None:
        """Observe each value so many times; ``at`` are seconds since 1970."""
        if not counts:
            return
        with self._lock:
            values = self._values[series, self._window if at is None else at]
            for value, count in counts.items():
                values[value] += count

    def flush(self) -> None:
        """Hand over what there is now; on return, it can be read."""
        with self._flushing:
            for source in self._sources:
                source(self.add)
            with self._lock:
                values, self._window = self._values, time.time()
                self._values = defaultdict(lambda: defaultdict(float))
            by_place: defaultdict[tuple[str, str, str], list[Datum]] = defaultdict(list)
            for (series, at), counts in values.items():
                by_place[series.account_id, series.region, series.namespace].append(_datum(series, at, counts))
            for place, data in by_place.items():
                try:
                    self._deliver(*place, data)
                except Exception as error:
                    LOG.warning("CloudWatch metrics of %s were not stored: %s", " ".join(place), error)

    def clear(self) -> None:
        """Forget what was not handed over yet."""
        with self._flushing:
            for source in self._sources:
                source(lambda series, counts: None)
            with self._lock:
                self._values.clear()

    def _run(self) -> None:
        last = False
        while not last:
            last = self._stopped.wait(_INTERVAL_S)
            try:
                self.flush()
            except Exception as error:
                LOG.warning("CloudWatch metrics of the last second were not stored: %s", error)


def _datum(series: Series, at: float, counts: dict[float, float]) -> Datum:
    return {
        "MetricName": series.metric,
        "Dimensions": [{"Name": name, "Value": value} for name, value in series.dimensions],
        "Timestamp": datetime.fromtimestamp(at, UTC),
        "Unit": series.unit,
        "StorageResolution": series.resolution,
        "Values": list(counts),
        "Counts": list(counts.values()),
    }


COLLECTOR = Collector()
