"""The counts in memory: every write as DynamoDB would take it, and failures on demand."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

from common.dynamodb import BusyError
from recommendations.domain import Group, State
from recommendations.store import Counts


@dataclass
class MemoryAffinities:
    """`Affinities`; `fails` writes from now on raise, each before (True) or after (False) it is done."""

    categories: dict[str, str] = field(default_factory=dict)
    parts: dict[str, State] = field(default_factory=dict)
    together: dict[str, dict[str, int]] = field(default_factory=dict)
    sold: dict[str, int] = field(default_factory=dict)
    fails: list[bool | None] = field(default_factory=list)
    writes: list[int] = field(default_factory=list)

    def states(self, keys: Sequence[str]) -> Mapping[str, State]:
        """See `Affinities`."""
        return {key: self.parts[key] for key in keys if key in self.parts}

    def write(self, group: Group) -> None:
        """See `Affinities`."""
        failure = self.fails.pop(0) if self.fails else None
        if failure is True:
            raise BusyError("before")
        if any(self.parts.get(move.part.key) is not move.before for move in group.moves):
            raise BusyError("another state")
        self.writes.append(len(group.moves) + len(group.together) + len(group.sold))
        self.parts |= {move.part.key: move.after for move in group.moves}
        for product, change in group.sold.items():
            self.sold[product] = self.sold.get(product, 0) + change
        for product, counts in group.together.items():
            neighbours = self.together.setdefault(product, {})
            for other, change in counts.items():
                neighbours[other] = neighbours.get(other, 0) + change
        if failure is False:
            raise BusyError("after")

    def counts(self, product_id: str) -> Counts | None:
        """See `Affinities`."""
        category = self.categories.get(product_id)
        return None if category is None else Counts(category, self.together.get(product_id, {}), self.sold)

    def still_there(self, products: Sequence[str]) -> Set[str]:
        """See `Affinities`."""
        return set(products) & self.categories.keys()

    def of_category(self, category: str) -> list[str]:
        """See `Affinities`."""
        return sorted(product for product, its in self.categories.items() if its == category)
