"""Products and customers of a retail order log, in the columns of UCI's Online Retail.

https://archive.ics.uci.edu/dataset/352/online+retail

A line counts when it is a sale: its invoice is no cancellation (`C…`), its quantity above zero, its price a cent at
least. Sales name the customers, and, where their code is a product's, the products. Codes in other case or with other
spaces are one product. Of several prices the most frequent holds, of equally frequent ones the lowest; of several names
the most frequent, then the first in the alphabet. So the order of the lines does not matter.

Read line by line: what is kept are the products and the customers, whatever the length of the file.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bootstrap.catalogue import Customer, Product
from bootstrap.context import Progress, silent
from bootstrap.departments import category_of
from bootstrap.plausible import Plausible
from retail_log import ids
from retail_log.errors import OrderLogError
from retail_log.lines import COLUMNS, line
from retail_log.rows import rows
from retail_log.text_file import opened

MAX_NAME = 200  # the products service's limit
_TOLD_EVERY = 50_000


@dataclass(frozen=True, slots=True)
class OrderLog:
    """What a log holds, each sorted by its id; `lines` and `sales` count what was read."""

    products: tuple[Product, ...]
    customers: tuple[Customer, ...]
    lines: int
    sales: int


@dataclass(slots=True)
class _Tally:
    """What the sales say of one product."""

    prices: Counter[int] = field(default_factory=Counter)
    names: Counter[str] = field(default_factory=Counter)


def read(path: Path, progress: Progress = silent) -> OrderLog:
    """Read a log: CSV with a header, also gzipped; UTF-8, or Windows-1252 where a byte is no UTF-8.

    Raises:
        OrderLogError: no such file, no CSV, a column is missing, a number is none, or there is no sale in it.
    """
    tallies: dict[str, _Tally] = {}
    customers: set[str] = set()
    lines = sales = 0
    with opened(path) as file:
        for row in rows(path, file, COLUMNS):
            lines += 1
            if lines % _TOLD_EVERY == 0:
                progress("log", f"{lines:,} lines")
            sold = line(row)
            if not sold.is_sale:
                continue
            sales += 1
            if sold.customer:
                customers.add(sold.customer)
            if sold.is_product:
                tally = tallies.setdefault(sold.code, _Tally())
                tally.prices[sold.price_cents] += 1
                tally.names[sold.name] += 1
    if not tallies:
        raise OrderLogError(f"{path}: none of its {lines:,} lines is the sale of a product: is it the right file?")
    products = sorted((_product(code, tally) for code, tally in tallies.items()), key=lambda each: each.product_id)
    return OrderLog(tuple(products), tuple(_customers(customers)), lines, sales)


def _product(code: str, tally: _Tally) -> Product:
    named = {name: times for name, times in tally.names.items() if name}
    name = min(named, key=lambda each: (-named[each], each), default=code)[:MAX_NAME]
    return Product(
        product_id=ids.product_id(code),
        name=name,
        category=category_of(name),
        price_cents=min(tally.prices, key=lambda each: (-tally.prices[each], each)),
        description=f"{name} (stock code {code[:MAX_NAME]})",
    )


def _customers(numbers: set[str]) -> Iterator[Customer]:
    plausible = Plausible()
    for each in sorted(map(ids.user_id, numbers)):
        yield Customer(each, ids.email(each), plausible.name_of(each))
