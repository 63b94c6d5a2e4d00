"""``at``, ``rate`` and ``cron`` expressions of EventBridge and its Scheduler.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from aws_croniter import AwsCroniter

# The first moment after a given one, None when there is none left. Both have a time zone.
Moments = Callable[[datetime], datetime | None]

_EXPRESSION = re.compile(r"(at|rate|cron)\((.*)\)")
_RATE = re.compile(r"([1-9]\d*)\s+(minute|hour|day)s?")
_UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}


def parse(expression: str, anchor: datetime, time_zone: str = "UTC") -> Moments:
    """When a schedule is due.

    Args:
        anchor: where the steps of a rate start; it is a moment itself.
        time_zone: what ``at`` and ``cron`` are read in. A local time that a clock change skips does not happen, one
            that it repeats happens once, as AWS documents it.

    Raises:
        ValueError: the expression or the time zone is none.
    """
    match = _EXPRESSION.fullmatch(expression.strip())
    if match is None:
        raise ValueError(f"Invalid Schedule Expression {expression}.")
    kind, fields = match.groups()
    if kind == "rate":
        return _rate(fields, anchor)
    zone = _zone(time_zone)
    return _cron(fields, zone) if kind == "cron" else _at(fields, zone)


def is_one_time(expression: str) -> bool:
    return expression.strip().startswith("at(")


def is_rate(expression: str) -> bool:
    return expression.strip().startswith("rate(")


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError) as error:
        raise ValueError(f"The timezone {name} is not supported.") from error


def _at(text: str, zone: ZoneInfo) -> Moments:
    try:
        moment = datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"Invalid time {text}.") from error
    return lambda after: moment if moment > after else None


def _rate(text: str, anchor: datetime) -> Moments:
    match = _RATE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"Invalid rate {text}.")
    try:
        period = int(match[1]) * _UNITS[match[2]]
    except (OverflowError, ValueError) as error:
        raise ValueError(f"Invalid rate {text[:80]}.") from error

    def after(moment: datetime) -> datetime | None:
        try:
            return anchor + max((moment - anchor) // period + 1, 0) * period
        except OverflowError:  # beyond the year 9999
            return None

    return after


def _cron(text: str, zone: ZoneInfo) -> Moments:
    fields = text.split()
    # The library knows all of AWS's signs but this one.
    last_weekday = len(fields) == 6 and fields[2] == "LW"
    if last_weekday:
        fields[2] = "L"
    try:
        cron = AwsCroniter(" ".join(fields))
    except Exception as error:  # its errors have no base of their own
        raise ValueError(f"Invalid cron expression {text}: {error}") from error

    def after(moment: datetime) -> datetime | None:
        for day in _local_times(cron, moment.astimezone(zone)):
            found = (_weekday_before(day) if last_weekday else day).replace(tzinfo=zone)
            instant = found.astimezone(UTC)
            skipped = instant.astimezone(zone).replace(tzinfo=None) != found.replace(tzinfo=None)
            if instant > moment and not skipped:
                return instant
        return None

    return after


def _local_times(cron: AwsCroniter, start: datetime) -> Iterator[datetime]:
    """The library computes in UTC and whole seconds: the local time stands in for it."""
    (found,) = cron.get_next(start.replace(tzinfo=UTC, microsecond=0))
    while found is not None:
        yield found
        (found,) = cron.get_next(found)


def _weekday_before(day: datetime) -> datetime:
    return day - timedelta(days=max(day.weekday() - 4, 0))
