"""What analytics does with the changes of orders."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analytics.domain import Change, Standing, Tally, transactions
from analytics.store import Figures
from common.events import Stage
from common.log import logger
from common.order_stream import OrderChange, StreamedOrder


@dataclass(frozen=True, slots=True)
class Counting:
    """Keeps the figures up to date; doing it again changes nothing."""

    figures: Figures

    def __call__(self, changes: Sequence[OrderChange]) -> None:
        """Count what was sold, take back what was cancelled. Raises what the store raises; a part may then be done."""
        fresh = sum(self.figures.count(group) for group in transactions(_told(changes)))
        logger.info("sales counted", changes=len(changes), fresh=fresh)


def _told(changes: Iterable[OrderChange]) -> Iterable[Change]:
    for change in changes:
        if order := change.sold:
            yield _change(order, Standing.COUNTED)
        elif order := change.taken_back:
            yield _change(order, Standing.TAKEN_BACK)


def _change(order: StreamedOrder, standing: Standing) -> Change:
    products: dict[str, Tally] = {
        line.product_id: Tally(1, line.quantity, line.quantity * line.price_cents) for line in order.items
    }
    return Change(order.order_id, _confirmed_at(order)[:16], products, standing)


def _confirmed_at(order: StreamedOrder) -> str:
    """Orders writes status and time at once; one that somebody else stored without counts when it was accepted.

    Raises KeyError where it has neither.
    """
    return order.stages.get(Stage.CONFIRMED.value) or order.stages[Stage.ACCEPTED.value]
