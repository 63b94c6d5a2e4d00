"""Time as the shop writes it: ISO 8601, UTC, milliseconds, `2026-11-21T10:15:30.123Z`. Sorts as text."""

from datetime import UTC, datetime, timedelta


def iso(moment: datetime) -> str:
    """`moment` (aware) in the shop's format; anything below a millisecond is cut off, not rounded."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def now() -> str:
    """This moment in the shop's format."""
    return iso(datetime.now(UTC))


def from_epoch_ms(milliseconds: int) -> str:
    """The moment that AWS writes as milliseconds since 1970 (SQS's `SentTimestamp`), in the shop's format."""
    return iso(datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=milliseconds))


def after(moment: str, seconds: float) -> str:
    """`moment` (in the shop's format) plus `seconds`. Raises ValueError on any other format."""
    return iso(datetime.fromisoformat(moment) + timedelta(seconds=seconds))
