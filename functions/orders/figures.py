"""The figures of orders for CloudWatch, from what is announced: both flows and all doors pass there.

An announcement that is made again counts again: these are figures to look at. Sums that must be exact are the
analytics' part.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from aws_lambda_powertools.metrics import MetricUnit

from common import metrics
from common.events import OrderAnnouncement, Stage
from common.metrics import Measured
from orders.domain import Status
from orders.outbox import Announcer

_COUNTED = {
    Stage.ACCEPTED.value: "OrdersAccepted",
    Stage.CONFIRMED.value: "OrdersConfirmed",
    Stage.REJECTED.value: "OrdersRejected",
    Stage.CANCELLED.value: "OrdersCancelled",
}
# Since the acceptance. A customer takes as long as they like to cancel.
_TIMED = {
    Stage.STOCK_RESERVED.value: "TimeToStockReserved",
    Stage.PAYMENT_CAPTURED.value: "TimeToPaymentCaptured",
    Stage.CONFIRMED.value: "TimeToConfirmed",
    Stage.REJECTED.value: "TimeToRejected",
    Stage.NOTIFIED.value: "TimeToNotified",
}


class MeasuredAnnouncer:
    """An `Announcer` that notes the figures of what another one has announced."""

    def __init__(self, announcer: Announcer, note: Callable[[Mapping[str, Measured]], None] = metrics.add) -> None:
        self._announcer = announcer
        self._note = note

    def announce(self, announcements: Sequence[OrderAnnouncement]) -> None:
        """See `Announcer`. Nothing is noted of a call that raises."""
        self._announcer.announce(announcements)
        for announcement in announcements:
            self._note(dict(figures(announcement)))


def figures(announcement: OrderAnnouncement) -> Iterator[tuple[str, Measured]]:
    """By metric. `Revenue` is in cents, of what is confirmed, whatever is cancelled later."""
    stage = announcement.stage
    if stage in _COUNTED:
        yield _COUNTED[stage], (MetricUnit.Count, 1)
    if stage == Stage.CONFIRMED.value:
        yield "Revenue", (MetricUnit.Count, announcement.total_cents)
    if stage in _TIMED and announcement.status != Status.CANCELLED.value:
        times = {entry.stage: entry.at for entry in announcement.timeline}
        if stage in times and Stage.ACCEPTED.value in times:
            yield _TIMED[stage], (MetricUnit.Milliseconds, _ms_between(times[Stage.ACCEPTED.value], times[stage]))


def _ms_between(start: str, end: str) -> int:
    """Never below 0: the two may be of two clocks."""
    took = datetime.fromisoformat(end) - datetime.fromisoformat(start)
    return max(round(took.total_seconds() * 1000), 0)
