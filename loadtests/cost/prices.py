"""The price file: what AWS charges for one of each thing, where that stands, and when it was read."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

FILE: Final = Path(__file__).with_name("prices.toml")
_OF_SERVICE: Final = frozenset({"name", "page", "taken", "from"})


@dataclass(frozen=True, slots=True)
class Price:
    """`usd` for `per` of what is counted. People are told of it in units of `unit` of these: an MB, where bytes are
    counted. `tier` says how far the price reaches; "" without an end.
    """

    service: str
    what: str
    usd: Decimal
    per: int
    unit: int = 1
    tier: str = ""

    def of(self, quantity: Decimal) -> Decimal:
        """Dollars for so many."""
        return quantity * self.usd / self.per


@dataclass(frozen=True, slots=True)
class Source:
    """Where the prices of a service stand on AWS's site, and of which date, `taken`, and where the copy is that they
    were read in.
    """

    service: str
    page: str
    taken: str
    copy: str


@dataclass(frozen=True, slots=True)
class Prices:
    """All prices of a region, by what is counted: `sqs.requests`."""

    region: str
    prices: Mapping[str, Price]
    sources: Mapping[str, Source]

    def __getitem__(self, key: str) -> Price:
        return self.prices[key]


def load(file: Path = FILE) -> Prices:
    """Read a price file. Raises KeyError or ValueError for one that is not whole: it is part of the program."""
    tables = tomllib.loads(file.read_text(encoding="utf-8"))
    services = {key: table for key, table in tables.items() if isinstance(table, dict)}
    return Prices(
        region=tables["region"],
        prices={key: price for service, table in services.items() for key, price in _prices(service, table)},
        sources={
            service: Source(table["name"], table["page"], table["taken"], table["from"])
            for service, table in services.items()
        },
    )


def _prices(service: str, table: Mapping[str, Any]) -> Iterator[tuple[str, Price]]:
    for item, entry in table.items():
        if item not in _OF_SERVICE:
            usd = Decimal(entry["usd"])
            yield f"{service}.{item}", Price(table["name"], **{**entry, "usd": usd})
