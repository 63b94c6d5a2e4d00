"""Figures in memory, and orders to fill them with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from analytics.domain import Change, Key, Standing, Tallies, Tally, added, deltas, news
from analytics.period import Span

MINUTE = "2026-11-22T10:15"


@dataclass
class MemoryFigures:
    """`Figures` by key."""

    standings: dict[str, Standing] = field(default_factory=dict)
    stored: dict[Key, Tallies] = field(default_factory=dict)

    def count(self, changes: Sequence[Change]) -> int:
        """See `Figures`."""
        fresh = news(changes, self.standings)
        for key, delta in deltas(fresh, self.standings).items():
            self.stored[key] = added(self.stored.get(key, {}), delta)
        self.standings |= {change.order_id: change.standing for change in fresh}
        return len(fresh)

    def read(self, span: Span, *, products: bool = False, newest: int | None = None) -> Iterator[tuple[str, Tallies]]:
        """See `Figures`."""
        level = f"{span.level}-products" if products else span.level
        found = sorted(
            (key.at, tallies)
            for key, tallies in self.stored.items()
            if tallies and key.level == level and span.start <= key.at < span.end
        )
        return iter(found if newest is None else found[::-1][:newest])


def confirmed(order_id: str, minute: str = MINUTE, **products: tuple[int, int]) -> Change:
    """A confirmed order of `products`: units, cents of all of them."""
    tallies = {name: Tally(1, units, cents) for name, (units, cents) in products.items()}
    return Change(order_id, minute, tallies or {"p1": Tally(1, 2, 500)}, Standing.COUNTED)


def cancelled(change: Change) -> Change:
    """The same order, cancelled."""
    return Change(change.order_id, change.minute, change.products, Standing.TAKEN_BACK)
