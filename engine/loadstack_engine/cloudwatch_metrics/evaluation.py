"""When alarms are evaluated, and on what.

| | stock LocalStack | here | AWS |
|---|---|---|---|
| how often | once in all of an alarm's periods together | every 5 s | every minute; periods under it: every 10 s |
| counts | values older than the evaluation periods too | the newest `EvaluationPeriods` values | as here |
| costs | three requests or more | none while the state stays | |

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
"""

import logging
import math
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from localstack.aws.api.cloudwatch import MetricAlarm, MetricDataQuery, MetricStat, ScanBy
from localstack.services.cloudwatch import alarm_scheduler, provider_v2
from localstack.services.cloudwatch.models import cloudwatch_stores
from localstack.utils.aws import arns

from loadstack_engine.in_process import context_of, provider_of

LOG = logging.getLogger(__name__)

EVERY_S = 5.0
_LONGEST_EVALUATION_S = 5.0
_REQUIRED = ("Period", "MetricName", "Threshold")
_LONGEST_STEP_S = 60


class Source(Protocol):
    """What an evaluation asks of CloudWatch."""

    def values(self, query: MetricDataQuery, start: datetime, end: datetime) -> dict[int, float]:
        """By the second that each period begins with."""


class InProcess:
    """CloudWatch of one account and region: what LocalStack's own evaluation would ask a client."""

    def __init__(self, account_id: str, region: str) -> None:
        self._account_id = account_id
        self._region = region

    def values(self, query: MetricDataQuery, start: datetime, end: datetime) -> dict[int, float]:
        """See `Source`."""
        found = provider_of("cloudwatch").cloudwatch_database.get_metric_data_stat(
            self._account_id, self._region, query, start, end, ScanBy.TimestampAscending
        )
        return dict(zip(map(int, found["timestamps"]), found["values"], strict=True))

    def set_alarm_state(self, **request: str) -> None:
        """The API's operation."""
        context = context_of(self._account_id, self._region)
        provider_of("cloudwatch").set_alarm_state(
            context,
            alarm_name=request["AlarmName"],
            state_value=request["StateValue"],
            state_reason=request["StateReason"],
            state_reason_data=request.get("StateReasonData"),
        )


def _in_process(alarm_arn: str) -> InProcess:
    parsed = arns.parse_arn(alarm_arn)
    return InProcess(parsed["account"], parsed["region"])


def _details(alarm_arn: str) -> MetricAlarm | None:
    parsed = arns.parse_arn(alarm_arn)
    found = provider_of("cloudwatch").get_store(parsed["account"], parsed["region"]).alarms.get(alarm_arn)
    return found.alarm if found else None


class AlarmClock:
    """In the place of LocalStack's ``AlarmScheduler``, which has a timer for each alarm: all are evaluated in turn.

    An alarm's actions run within its turn, and the others wait for as long. A topic's is short: SNS delivers on
    threads of its own. A function's is not: LocalStack invokes it and waits for its answer.

    An alarm that cannot be evaluated (of metric math, say) is stored and never is, as there.
    """

    def __init__(self) -> None:
        self._arns: dict[str, None] = {}
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        if self._thread is None:
            self._stop = threading.Event()
            self._thread = threading.Thread(target=self._run, args=(self._stop,), name="alarms", daemon=True)
            self._thread.start()

    def shutdown(self) -> None:
        """Returns when no evaluation is under way, or after five seconds. Forgets all alarms; nothing where it was not
        started.
        """
        self._stop.set()
        if self._thread is not None:
            self._thread.join(_LONGEST_EVALUATION_S)
            self._thread = None
        self._arns.clear()

    def schedule_metric_alarm(self, alarm_arn: str) -> None:
        self.delete_scheduler_for_alarm(alarm_arn)
        alarm = _details(alarm_arn)
        if alarm and is_supported(alarm):
            self._arns[alarm_arn] = None
        else:
            LOG.warning("%s is of a kind that is not evaluated", alarm_arn)

    def delete_scheduler_for_alarm(self, alarm_arn: str) -> None:
        self._arns.pop(alarm_arn, None)

    def restart_existing_alarms(self) -> None:
        """After a state was loaded."""
        for _, _, store in cloudwatch_stores.iter_stores():
            for arn, alarm in list(store.alarms.items()):
                if "AlarmRule" not in alarm.alarm:
                    self.schedule_metric_alarm(arn)

    def _run(self, stop: threading.Event) -> None:
        while not stop.wait(EVERY_S):
            for arn in list(self._arns):
                if stop.is_set():
                    return
                _evaluate(arn)


def _evaluate(arn: str) -> None:
    try:
        alarm_scheduler.calculate_alarm_state(arn)
    except Exception:
        LOG.exception("%s could not be evaluated", arn)


def is_supported(alarm: Mapping[str, Any]) -> bool:
    """One metric, one statistic, a fixed threshold."""
    return (
        all(name in alarm for name in _REQUIRED)
        and ("Statistic" in alarm or "ExtendedStatistic" in alarm)
        and alarm["ComparisonOperator"] in alarm_scheduler.COMPARISON_OPS
    )


def collect(alarm: dict[str, Any], source: Source) -> list[float | None]:
    """A value for each period, the oldest first, None where there is none: two more than are evaluated at least.

    Periods begin on the clock, as the data that is kept by the minute does; the last one has just begun.
    """
    period, periods = alarm["Period"], alarm["EvaluationPeriods"]
    step = min(period, _LONGEST_STEP_S)
    count = periods + max(periods // 3, 2)
    end = math.ceil(time.time() / step) * step
    start = end - count * period
    values = source.values(_query(alarm), datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC))
    return [values.get(start + index * period) for index in range(count)]


def _query(alarm: dict[str, Any]) -> MetricDataQuery:
    metric = {name: alarm[name] for name in ("MetricName", "Namespace", "Dimensions") if alarm.get(name)}
    statistic = alarm.get("Statistic") or alarm["ExtendedStatistic"]
    wanted = MetricStat(Metric=metric, Period=alarm["Period"], Stat=statistic)
    if unit := alarm.get("Unit"):
        wanted["Unit"] = unit
    return MetricDataQuery(Id="alarm", MetricStat=wanted)


def use() -> None:
    original_exceeds = alarm_scheduler.is_threshold_exceeded

    def exceeds(newest_first: list[float], alarm: MetricAlarm) -> bool:
        return bool(original_exceeds(newest_first[: alarm["EvaluationPeriods"]], alarm))

    alarm_scheduler.is_threshold_exceeded = exceeds
    alarm_scheduler.collect_metric_data = collect
    alarm_scheduler.get_metric_alarm_details_for_alarm_arn = _details
    alarm_scheduler.get_cloudwatch_client_for_region_of_alarm = _in_process
    provider_v2.AlarmScheduler = AlarmClock
