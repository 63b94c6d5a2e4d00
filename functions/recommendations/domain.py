"""How much belongs together what was bought together, without AWS.

The score of two products is the cosine of the angle between them (one vector a product, one dimension an order): the
orders with both, divided by the root of the orders with one times the orders with the other. 1 is "never one without
the other". G. Linden, B. Smith, J. York, "Amazon.com Recommendations: Item-to-Item Collaborative Filtering", IEEE
Internet Computing 7(1), 2003, with orders in the place of customers.

All three are counts of orders, so each order that is sold adds to them, and one that is taken back subtracts.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import sqrt

MAX_RECOMMENDATIONS = 20
MAX_CANDIDATES = 30
"""Of how many the route looks whether they still are in the catalogue."""
PART = 50
"""Of how many products an order's counts are written at once: DynamoDB takes 100 writes a transaction."""

_DIGITS = 6


class State(StrEnum):
    """What has been done about an order, in whatever order the news of it come.

        (none) ──sold──► COUNTED ──taken back──► UNDONE
          └──────────────taken back────────────────▲

    All other news change nothing: what is UNDONE is never counted again, since no order is sold twice.
    """

    COUNTED = "counted"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Part:
    """Up to `PART` products of an order, all of whose products are the `basket`. `key` names it among all parts."""

    key: str
    products: tuple[str, ...]
    basket: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class News:
    """A part of an order is sold, or taken back."""

    part: Part
    is_sold: bool


@dataclass(frozen=True, slots=True)
class Move:
    """A part goes from one state to another; its counts change by `sign` (1, -1, or 0)."""

    part: Part
    before: State | None
    after: State

    @property
    def sign(self) -> int:
        return (self.after is State.COUNTED) - (self.before is State.COUNTED)


@dataclass(slots=True)
class Group:
    """Moves that are written together, and what they add to the counts."""

    moves: list[Move] = field(default_factory=list)
    sold: Counter[str] = field(default_factory=Counter)
    together: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, move: Move) -> None:
        """One more move."""
        self.moves.append(move)
        if not move.sign:
            return
        for product in move.part.products:
            self.sold[product] += move.sign
            neighbours = self.together.setdefault(product, Counter())
            for other in move.part.basket:
                if other != product:
                    neighbours[other] += move.sign


def parts(order_id: str, products: Iterable[str]) -> list[Part]:
    """An order's parts: two for the largest basket, of 100 products."""
    basket = tuple(sorted(set(products)))
    return [
        Part(f"{order_id}#{number}", basket[start : start + PART], basket)
        for number, start in enumerate(range(0, len(basket), PART))
    ]


def moves(news: Sequence[News], known: Mapping[str, State]) -> list[Move]:
    """What `news`, in this order, change where `known` is the state of each part: one move a part, or none."""
    states: dict[str, State | None] = dict(known)
    touched: dict[str, Part] = {}
    for each in news:
        key = each.part.key
        touched[key] = each.part
        states[key] = (states.get(key) or State.COUNTED) if each.is_sold else State.UNDONE
    found = (Move(part, known.get(key), after) for key, part in touched.items() if (after := states[key]))
    return [move for move in found if move.after is not move.before]


def groups(wanted: Iterable[Move], fits: int = 100, most_neighbours: int = 250) -> Iterator[Group]:
    """The moves in as few groups as can be written at once: a group has one write for each move, two for each product.

    `most_neighbours` is what one product's counts may change by: DynamoDB bounds the length of an expression. A part
    alone always fits.
    """
    group = Group()
    for move in wanted:
        if group.moves and _is_full(group, move.part, fits, most_neighbours):
            yield group
            group = Group()
        group.add(move)
    if group.moves:
        yield group


def _is_full(group: Group, part: Part, fits: int, most_neighbours: int) -> bool:
    products = group.sold.keys() | set(part.products)
    if len(group.moves) + 1 + 2 * len(products) > fits:
        return True
    neighbours = [len(group.together.get(product, ())) for product in part.products]
    return max(neighbours, default=0) + len(part.basket) > most_neighbours


def strongest(product: str, together: Mapping[str, int], sold: Mapping[str, int]) -> list[tuple[str, float]]:
    """(product, score) of at most `MAX_CANDIDATES`, the highest score first, equal ones by their id.

    The counts may be of slightly different moments: a product that seems never to have been sold is left out, and no
    score is above 1.
    """
    scores = [
        (other, min(1.0, round(both / sqrt(sold[product] * sold[other]), _DIGITS)))
        for other, both in together.items()
        if both > 0 and sold.get(product, 0) > 0 and sold.get(other, 0) > 0
    ]
    return sorted(scores, key=lambda each: (-each[1], each[0]))[:MAX_CANDIDATES]


def best_sellers(product: str, of_category: Iterable[str], sold: Mapping[str, int]) -> list[tuple[str, float]]:
    """What else of the category is in most orders, with the score 0: nothing was bought together with `product`."""
    others = [other for other in of_category if other != product and sold.get(other, 0) > 0]
    others.sort(key=lambda other: (-sold[other], other))
    return [(other, 0.0) for other in others[:MAX_RECOMMENDATIONS]]
