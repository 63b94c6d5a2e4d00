"""A span of time by the minute, as a request names it, and which figures cover it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from analytics.domain import Level
from common.errors import InvalidRequestError

_FIRST, _LAST = "0", "~"  # before and after all times, as texts sort
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Span:
    """Days or minutes from `start` up to, without, `end`, which may be a day where they are minutes."""

    level: str
    start: str
    end: str


@dataclass(frozen=True, slots=True)
class Period:
    """The minutes (`2026-11-22T10:15`) from `start` up to, without, `end`."""

    start: str = _FIRST
    end: str = _LAST

    @classmethod
    def of(cls, start: str | None, end: str | None) -> "Period":
        """The minutes that the time from `start` up to `end` touches; None: without a limit.

        Raises InvalidRequestError for what is no time with its zone, and for an end before the start.
        """
        first, last = _moment("from", start), _moment("to", end)
        if first and last and last < first:
            raise InvalidRequestError.of("to", "must not be before from")
        return cls(_minute(first) if first else _FIRST, _next_minute(last) if last else _LAST)

    def spans(self) -> Iterator[Span]:
        """Whole days, and the minutes before the first and after the last of them."""
        first_day, end_day = self._first_day(), self.end[:10]
        if first_day >= end_day:
            yield from _span(Level.MINUTE, self.start, self.end)
            return
        yield from _span(Level.MINUTE, self.start, first_day)
        yield from _span(Level.DAY, first_day, end_day)
        yield from _span(Level.MINUTE, end_day, self.end)

    def minutes(self) -> Span:
        """All of it by the minute."""
        return Span(Level.MINUTE, self.start, self.end)

    def _first_day(self) -> str:
        day, _, time = self.start.partition("T")
        if time in ("", "00:00"):
            return day
        try:
            return (date.fromisoformat(day) + timedelta(days=1)).isoformat()
        except OverflowError:
            return _LAST


def _span(level: str, start: str, end: str) -> Iterator[Span]:
    # A day and its first minute are the same moment.
    if start.removesuffix("T00:00") < end.removesuffix("T00:00"):
        yield Span(level, start, end)


def _moment(name: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    text = text.upper()
    try:
        if _MOMENT.fullmatch(text):
            return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise InvalidRequestError.of(name, "must be a time such as 2026-11-22T10:15:00.000Z")


def _minute(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(timespec="minutes")


def _next_minute(moment: datetime) -> str:
    """The first minute that begins at `moment` or after."""
    begun = moment.replace(second=0, microsecond=0)
    try:
        return _minute(begun if begun == moment else begun + timedelta(minutes=1))
    except OverflowError:
        return _LAST
