"""When something was sold: UCI's file has `2010-12-01 08:26:00`, its copies as CSV `12/1/2010 8:26` (month first)."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

from retail_log import rows
from retail_log.errors import OrderLogError
from retail_log.rows import Row

COLUMN = "InvoiceDate"
_MONTH_FIRST = ("%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S")
_DATE_LENGTH = len("2010-12-01")


def moment(row: Row, text: str) -> datetime:
    """The column's value. Raises OrderLogError for anything that is no date with a time of day."""
    found = parsed(text)
    if found is None:
        raise OrderLogError(
            f"{row.where}, column {COLUMN}: {rows.readable(text)!r} is no date with a time: write it as "
            "2010-12-01 08:26, or 12/1/2010 8:26 (the month first)."
        )
    return found


@lru_cache(maxsize=1 << 16)
def parsed(text: str) -> datetime | None:
    """A moment without a zone, as the log has it; one with a zone is told in UTC. None for all else, also a date."""
    text = text.strip()
    if len(text) <= _DATE_LENGTH:
        return None
    try:
        found = datetime.fromisoformat(text)
        return found if found.tzinfo is None else found.astimezone(UTC).replace(tzinfo=None)
    except ValueError:
        return next((each for form in _MONTH_FIRST if (each := _read(text, form))), None)
    except OverflowError:
        return None


def bound(text: str, *, is_end: bool) -> datetime | None:
    """A moment, or a date: its beginning, for an end that of the next day. None for what is neither."""
    text = text.strip()
    if (found := parsed(text)) is not None:
        return found
    day = _read(text, "%Y-%m-%d") or _read(text, "%m/%d/%Y")
    try:
        return day + timedelta(days=1) if day and is_end else day
    except OverflowError:
        return None


def _read(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form)
    except ValueError:
        return None
