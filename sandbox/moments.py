"""Moments as people give them to a command: `10m` ago, or a time."""

import re
from datetime import UTC, datetime, timedelta

from sandbox.errors import UsageError

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_AGO = re.compile(r"(\d{1,6})([smhd])", re.ASCII)


def moment(name: str, text: str, now: datetime) -> datetime:
    """The moment that the setting `name` means: `90s`, `10m`, `2h` or `1d` before `now`, or an ISO 8601 time.

    A time without a zone is UTC, as all times that the shop prints.

    Raises:
        UsageError: it is neither, or no time that there can be.
    """
    try:
        if ago := _AGO.fullmatch(text.strip()):
            return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        found = datetime.fromisoformat(text.strip())
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise UsageError(
            f"{name}={text} is no moment: give an age such as 90s, 10m, 2h or 1d, or a time such as "
            f"{now:%Y-%m-%dT%H:%M:%SZ} (a date alone is its midnight in UTC)."
        ) from None
