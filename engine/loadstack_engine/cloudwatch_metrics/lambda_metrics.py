"""Lambda's metrics: Invocations, Errors, Throttles, Duration, IteratorAge (milliseconds) and ConcurrentExecutions.

Each for the account, the function, and the function as it was addressed (``Resource``: its version or alias, an alias
with the version that ran besides): https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-view.html
"""

from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from localstack import config
from localstack.services.lambda_.invocation import version_manager
from localstack.utils.aws.arns import lambda_function_arn

from loadstack_engine.cloudwatch_metrics.collector import COLLECTOR, Add, Series
from loadstack_engine.statistics import STATISTICS

_NAMESPACE = "AWS/Lambda"


class Target(NamedTuple):
    """What was invoked, by which ARN, and the version that ran (empty where none did)."""

    invoked_arn: str
    executed_version: str = ""


class LambdaMetrics:
    """What happened since the last flush. An invocation costs an append; the rest is done by the collector's thread."""

    def __init__(self) -> None:
        self._on = False
        self._finished: deque[tuple[Target, float | None, bool]] = deque()
        self._throttled: deque[Target] = deque()
        self._read: deque[tuple[Target, float]] = deque()
        self._places: dict[str, tuple[str, str]] = {}

    def start(self) -> None:
        self._on = True
        COLLECTOR.add_source(self._collect)

    def invocation(self, target: Target, duration_ms: float | None, *, is_error: bool) -> None:
        """One that ran to its end. Its duration is what the REPORT line says, without the init; None if unknown."""
        if self._on:
            self._finished.append((target, duration_ms, is_error))

    def throttle(self, invoked_arn: str) -> None:
        """One that was turned away."""
        if self._on:
            self._throttled.append(Target(invoked_arn))

    def iterator_age(self, invoked_arn: str, age_ms: float) -> None:
        """How old the last record of a stream's batch is that goes to the function, at each attempt."""
        if self._on:
            self._read.append((Target(invoked_arn), age_ms))

    def _collect(self, add: Add) -> None:
        durations: defaultdict[Target, Counter[float]] = defaultdict(Counter)
        # AWS reports the invocations without an error too, so that an average is the error rate.
        outcomes: defaultdict[Target, Counter[float]] = defaultdict(Counter)
        for _ in range(len(self._finished)):
            target, duration_ms, is_error = self._finished.popleft()
            outcomes[target][int(is_error)] += 1
            if duration_ms is not None:
                durations[target][round(duration_ms, 2)] += 1
        for target, counts in outcomes.items():
            place = self._places[_name(target)] = _place(target)
            for dimensions in _dimensions(target):
                add(Series(*place, _NAMESPACE, "Invocations", dimensions), {1: counts.total()})
                add(Series(*place, _NAMESPACE, "Errors", dimensions), counts)
                add(Series(*place, _NAMESPACE, "Duration", dimensions, "Milliseconds"), durations[target])
        throttled = Counter(self._throttled.popleft() for _ in range(len(self._throttled)))
        for target, count in throttled.items():
            for dimensions in _dimensions(target):
                add(Series(*_place(target), _NAMESPACE, "Throttles", dimensions), {1: count})
        self._collect_iterator_age(add)
        self._collect_concurrency(add)

    def _collect_iterator_age(self, add: Add) -> None:
        ages: defaultdict[Target, Counter[float]] = defaultdict(Counter)
        for _ in range(len(self._read)):
            target, age_ms = self._read.popleft()
            ages[target][round(age_ms)] += 1
        for target, counts in ages.items():
            for dimensions in _dimensions(target):
                add(Series(*_place(target), _NAMESPACE, "IteratorAge", dimensions, "Milliseconds"), counts)

    def _collect_concurrency(self, add: Add) -> None:
        """The most at once of each function in this second; of an account, the sum of these: at most too many."""
        accounts: Counter[tuple[str, str]] = Counter()
        for function, peak in STATISTICS.take_peaks().items():
            place = self._places.get(function)
            if peak and place:
                dimensions = (("FunctionName", function),)
                add(Series(*place, _NAMESPACE, "ConcurrentExecutions", dimensions), {peak: 1})
                accounts[place] += peak
        for place, peak in accounts.items():
            add(Series(*place, _NAMESPACE, "ConcurrentExecutions"), {peak: 1})


def _place(target: Target) -> tuple[str, str]:
    _, _, _, region, account_id, *_ = target.invoked_arn.split(":")
    return account_id, region


def _name(target: Target) -> str:
    return target.invoked_arn.split(":")[6]


def _dimensions(target: Target) -> Iterator[tuple[tuple[str, str], ...]]:
    name, _, qualifier = target.invoked_arn.split(":", 6)[6].partition(":")
    function, resource = ("FunctionName", name), ("Resource", f"{name}:{qualifier}" if qualifier else name)
    yield ()
    yield (function,)
    yield (function, resource)
    is_alias = qualifier and qualifier != "$LATEST" and not qualifier.isdigit()
    if is_alias and target.executed_version:
        yield ("ExecutedVersion", target.executed_version), function, resource


METRICS = LambdaMetrics()


def use() -> None:
    """Collect from now on, and spare LocalStack's own call for each invocation.

    Of functions in containers, which only LocalStack sees, there are no durations.
    """
    by_process = config.LAMBDA_RUNTIME_EXECUTOR == "process"  # tells METRICS itself
    for name, is_error in (("record_cw_metric_invocation", False), ("record_cw_metric_error", True)):
        setattr(version_manager, name, _ignore if by_process else partial(_record, is_error=is_error))
    METRICS.start()


def _ignore(**_: str) -> None:
    """In the place of a call that is not wanted."""


def _record(function_name: str, account_id: str, region_name: str, *, is_error: bool) -> None:
    arn = lambda_function_arn(function_name, account_id, region_name)
    METRICS.invocation(Target(arn), None, is_error=is_error)
