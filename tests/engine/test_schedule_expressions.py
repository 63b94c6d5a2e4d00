"""``at``, ``rate`` and ``cron`` as AWS reads them."""

from datetime import UTC, datetime
from itertools import islice

import pytest

from loadstack_engine.schedule_expressions import parse

SATURDAY = datetime(2026, 11, 21, 10, 0, 30, tzinfo=UTC)


def _moments(expression, start=SATURDAY, count=2, anchor=SATURDAY, **arguments):
    after = parse(expression, anchor, **arguments)

    def each():
        moment = after(start)
        while moment is not None:
            yield moment
            moment = after(moment)

    return [moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S") for moment in islice(each(), count)]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("cron(0 12 * * ? *)", ["2026-11-21 12:00:00", "2026-11-22 12:00:00"]),
        ("cron(0/15 9-17 ? * MON-FRI *)", ["2026-11-23 09:00:00", "2026-11-23 09:15:00"]),
        ("cron(0 8 ? * 2 *)", ["2026-11-23 08:00:00", "2026-11-30 08:00:00"]),  # 1 is Sunday
        ("cron(0 8 ? * 2#1 *)", ["2026-12-07 08:00:00", "2027-01-04 08:00:00"]),
        ("cron(0 8 ? * 6L *)", ["2026-11-27 08:00:00", "2026-12-25 08:00:00"]),
        ("cron(0 8 L * ? *)", ["2026-11-30 08:00:00", "2026-12-31 08:00:00"]),
        ("cron(0 8 15W * ? *)", ["2026-12-15 08:00:00", "2027-01-15 08:00:00"]),
        ("cron(0 8 1W * ? *)", ["2026-12-01 08:00:00", "2027-01-01 08:00:00"]),
        ("cron(0 8 LW * ? *)", ["2026-11-30 08:00:00", "2026-12-31 08:00:00"]),
        ("cron(5,35 14 1 JAN,JUL ? *)", ["2027-01-01 14:05:00", "2027-01-01 14:35:00"]),
        ("cron(0 0 29 2 ? *)", ["2028-02-29 00:00:00", "2032-02-29 00:00:00"]),
        ("cron(0 0 1 1 ? 2028)", ["2028-01-01 00:00:00"]),
        ("cron(0 0 1 1 ? 2020)", []),
        ("rate(5 minutes)", ["2026-11-21 10:05:30", "2026-11-21 10:10:30"]),
        ("rate(1 hour)", ["2026-11-21 11:00:30", "2026-11-21 12:00:30"]),
        ("rate(7 days)", ["2026-11-28 10:00:30", "2026-12-05 10:00:30"]),
        ("at(2026-11-21T10:00:31)", ["2026-11-21 10:00:31"]),
        ("at(2026-11-21T10:00:30)", []),
    ],
)
def test_expression_is_due(expression, expected):
    assert _moments(expression) == expected


def test_last_weekday_of_a_month_that_ends_on_a_weekend():
    start = datetime(2027, 1, 29, 9, tzinfo=UTC)  # a Friday, the last weekday; the month ends on Sunday

    assert _moments("cron(15 10 LW * ? *)", start) == ["2027-01-29 10:15:00", "2027-02-26 10:15:00"]
    assert _moments("cron(15 10 LW * ? *)", start.replace(hour=11), 1) == ["2027-02-26 10:15:00"]


def test_rate_keeps_to_the_steps_from_its_anchor():
    anchor = datetime(2026, 11, 21, 9, 58, tzinfo=UTC)

    assert _moments("rate(5 minutes)", anchor=anchor) == ["2026-11-21 10:03:00", "2026-11-21 10:08:00"]


def test_rate_that_reaches_beyond_the_calendar_is_never_due():
    assert parse("rate(9999999 days)", SATURDAY)(SATURDAY) is None


def test_local_time_that_utc_has_no_year_for_is_refused():
    with pytest.raises(ValueError, match="0001"):
        parse("at(0001-01-01T00:00:00)", SATURDAY, "Asia/Tokyo")


def test_local_times():
    assert _moments("at(2026-11-21T19:30:00)", time_zone="Asia/Tokyo") == ["2026-11-21 10:30:00"]
    assert _moments("cron(30 8 * * ? *)", time_zone="Europe/Berlin") == ["2026-11-22 07:30:00", "2026-11-23 07:30:00"]


def test_local_time_that_the_clock_skips_does_not_happen():
    start = datetime(2027, 3, 27, 12, tzinfo=UTC)  # on the 28th, two o'clock is three

    assert _moments("cron(30 2 * * ? *)", start, time_zone="Europe/Berlin") == [
        "2027-03-29 00:30:00",
        "2027-03-30 00:30:00",
    ]


def test_local_time_that_comes_twice_happens_once():
    start = datetime(2026, 10, 24, 12, tzinfo=UTC)  # on the 25th, three o'clock is two

    assert _moments("cron(30 2 * * ? *)", start, time_zone="Europe/Berlin") == [
        "2026-10-25 00:30:00",
        "2026-10-26 01:30:00",
    ]


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "every day",
        "rate(0 minutes)",
        "rate(5 seconds)",
        "rate(999999999999999999 days)",
        "at(tomorrow)",
        "cron(* * * * *)",
        "cron(0 0 * * * *)",
    ],
)
def test_what_is_no_expression_is_refused(expression):
    with pytest.raises(ValueError, match=r"\w"):
        parse(expression, SATURDAY)


@pytest.mark.parametrize("zone", ["Mars/Base", "", "../etc/passwd"])
def test_what_is_no_time_zone_is_refused(zone):
    with pytest.raises(ValueError, match="timezone"):
        parse("cron(0 0 * * ? *)", SATURDAY, zone)
