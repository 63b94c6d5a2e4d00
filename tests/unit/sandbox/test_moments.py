"""Moments as people give them."""

from datetime import UTC, datetime, timedelta

import pytest

from sandbox.errors import UsageError
from sandbox.moments import moment

NOW = datetime(2026, 11, 22, 10, 15, 30, 500_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("90s", NOW - timedelta(seconds=90)),
        ("10m", NOW - timedelta(minutes=10)),
        (" 2h ", NOW - timedelta(hours=2)),
        ("1d", NOW - timedelta(days=1)),
        ("0s", NOW),
        ("2026-11-22T10:00:00Z", datetime(2026, 11, 22, 10, tzinfo=UTC)),
        ("2026-11-22T10:00:00.250Z", datetime(2026, 11, 22, 10, 0, 0, 250_000, tzinfo=UTC)),
        ("2026-11-22 10:00", datetime(2026, 11, 22, 10, tzinfo=UTC)),
        ("2026-11-22T10:00:00+02:00", datetime(2026, 11, 22, 8, tzinfo=UTC)),
        ("2026-11-22", datetime(2026, 11, 22, tzinfo=UTC)),
    ],
)
def test_age_and_time_are_moments_in_utc(text: str, found: datetime) -> None:
    assert moment("SINCE", text, NOW) == found
    assert moment("SINCE", text, NOW).tzinfo is UTC


@pytest.mark.parametrize(
    "text", ["yesterday", "10", "10x", "-5m", "٣m", "999999d", "2026-13-01", "1m2s", "0001-01-01T00:00+23:00"]
)
def test_what_is_no_moment_is_told_with_an_example(text: str) -> None:
    with pytest.raises(
        UsageError,
        match=r"^UNTIL=.* is no moment: give an age such as 90s, .* 2026-11-22T10:15:30Z \(a date alone .* UTC\)\.$",
    ):
        moment("UNTIL", text, NOW)
