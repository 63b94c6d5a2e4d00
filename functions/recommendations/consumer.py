"""What recommendations does when orders are sold or taken back."""

from collections.abc import Sequence
from dataclasses import dataclass

from common.order_stream import OrderChange
from recommendations.domain import News, groups, moves, parts
from recommendations.store import Affinities


@dataclass(frozen=True, slots=True)
class Counting:
    """Keeps the counts up to date."""

    affinities: Affinities

    def on_changes(self, changes: Sequence[OrderChange]) -> None:
        """Count a batch. Doing it again, in part or whole, changes nothing. Raises BusyError: try again."""
        news = [each for change in changes for each in news_of(change)]
        if not news:
            return
        known = self.affinities.states(sorted({each.part.key for each in news}))
        for group in groups(moves(news, known)):
            self.affinities.write(group)


def news_of(change: OrderChange) -> list[News]:
    """One for each part of an order that was sold or taken back; none for other changes."""
    order = change.sold or change.taken_back
    if order is None:
        return []
    is_sold = change.sold is not None
    return [News(part, is_sold) for part in parts(order.order_id, (line.product_id for line in order.items))]
