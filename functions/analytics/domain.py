"""What counts as a sale, and what it adds to which figures; without AWS.

An order is a sale from its confirmation until it is cancelled, and counts in the minute of its confirmation. Where an
order stands only ever moves forward, so it does not matter how often, or in which order, its changes are heard of:

    (unknown) ──► COUNTED ──► TAKEN_BACK
        │                         ▲
        └──── never counted ──────┘
"""

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

TOTAL: Final = ""  # the one name among the tallies of figures that are not by product
# Of an item's 400 kB a product takes 50 bytes and more, mostly for its id: with ids of 64 characters 38,000 different
# products may be sold in a day, and 9,500 in a minute. More buckets would be more actions in each transaction.
_MINUTE_BUCKETS, _DAY_BUCKETS = 2, 8
_MAX_ACTIONS = (
    100  # of one transaction: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
)


class Standing(IntEnum):
    """Where an order stands with the figures."""

    UNKNOWN = 0
    COUNTED = 1
    TAKEN_BACK = 2


class Level:
    """What figures are of: a time (`at` is a minute or a day), or the products sold in it (by bucket)."""

    MINUTE = "minute"
    DAY = "day"
    MINUTE_PRODUCTS = "minute-products"
    DAY_PRODUCTS = "day-products"


@dataclass(frozen=True, slots=True)
class Tally:
    """Orders, units and money; of a product: the orders that have it, and its share of them."""

    orders: int = 0
    units: int = 0
    revenue_cents: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.orders + other.orders, self.units + other.units, self.revenue_cents + other.revenue_cents)

    def __neg__(self) -> "Tally":
        return Tally(-self.orders, -self.units, -self.revenue_cents)


type Tallies = Mapping[str, Tally]


@dataclass(frozen=True, slots=True)
class Key:
    """Which figures: `at` is `2026-11-22T10:15`, `2026-11-22`, or one of them with `#` and the bucket."""

    level: str
    at: str


@dataclass(frozen=True, slots=True)
class Change:
    """An order that was confirmed at `minute` with these `products`, and whether it counts or no longer does."""

    order_id: str
    minute: str
    products: Tallies
    standing: Standing

    def tallies(self) -> Iterator[tuple[Key, str, Tally]]:
        """What it adds to which figures, under which name."""
        day = self.minute[:10]
        units = sum(tally.units for tally in self.products.values())
        total = Tally(1, units, sum(tally.revenue_cents for tally in self.products.values()))
        yield Key(Level.MINUTE, self.minute), TOTAL, total
        yield Key(Level.DAY, day), TOTAL, total
        for product_id, tally in self.products.items():
            number = zlib.crc32(product_id.encode())
            yield Key(Level.MINUTE_PRODUCTS, f"{self.minute}#{number % _MINUTE_BUCKETS}"), product_id, tally
            yield Key(Level.DAY_PRODUCTS, f"{day}#{number % _DAY_BUCKETS}"), product_id, tally

    def keys(self) -> frozenset[Key]:
        """The figures that it is part of: 12 at most."""
        return frozenset(key for key, _, _ in self.tallies())


def latest(changes: Iterable[Change]) -> dict[str, Change]:
    """The furthest that each order has got, by its id."""
    found: dict[str, Change] = {}
    for change in changes:
        before = found.get(change.order_id)
        if before is None or change.standing > before.standing:
            found[change.order_id] = change
    return found


def news(changes: Iterable[Change], known: Mapping[str, Standing]) -> list[Change]:
    """The furthest change of each order that goes further than what is `known`, sorted by order."""
    return [
        change
        for order_id, change in sorted(latest(changes).items())
        if change.standing > known.get(order_id, Standing.UNKNOWN)
    ]


def deltas(changes: Iterable[Change], known: Mapping[str, Standing]) -> dict[Key, dict[str, Tally]]:
    """What `news` add to the figures; what is taken back before it was counted adds nothing."""
    found: dict[Key, dict[str, Tally]] = {}
    for change in changes:
        was_counted = known.get(change.order_id, Standing.UNKNOWN) is Standing.COUNTED
        if (change.standing is Standing.COUNTED) == was_counted:
            continue
        for key, name, tally in change.tallies():
            figures = found.setdefault(key, {})
            figures[name] = figures.get(name, Tally()) + (-tally if was_counted else tally)
    return found


def added(figures: Tallies, delta: Tallies) -> dict[str, Tally]:
    """Both together, without names that have come to nothing."""
    sums = dict(figures)
    for name, tally in delta.items():
        sums[name] = sums.get(name, Tally()) + tally
        if sums[name] == Tally():
            del sums[name]
    return sums


def transactions(changes: Iterable[Change]) -> Iterator[Sequence[Change]]:
    """The changes in groups of different orders, each of which fits into one transaction with all its figures."""
    group: list[Change] = []
    keys: frozenset[Key] = frozenset()
    for change in latest(changes).values():
        together = keys | change.keys()
        if group and len(group) + 1 + len(together) > _MAX_ACTIONS:
            yield group
            group, together = [], change.keys()
        group.append(change)
        keys = together
    if group:
        yield group
