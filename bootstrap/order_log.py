"""Products and customers of a retail order log, in the columns of UCI's Online Retail.

https://archive.ics.uci.edu/dataset/352/online+retail

A line counts when it is a sale: its invoice is no cancellation (`C…`), its quantity above zero, its price a cent at
least. Sales name the customers, and, where their code is a product's, the products. Codes in other case or with other
spaces are one product. Of several prices the most frequent holds, of equally frequent ones the lowest; of several names
the most frequent, then the first in the alphabet. So the order of the lines does not matter.

Read line by line: what is kept are the products and the customers, whatever the length of the file.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import NamedTuple, TextIO

from bootstrap.catalogue import Customer, Product
from bootstrap.context import Progress, silent
from bootstrap.departments import category_of
from bootstrap.errors import OrderLogError
from bootstrap.plausible import Plausible
from bootstrap.text_file import opened

COLUMNS = ("InvoiceNo", "StockCode", "Description", "Quantity", "UnitPrice", "CustomerID")
# Postage, discounts, fees and corrections, which are booked as lines of orders.
NO_PRODUCTS = frozenset(
    {"POST", "DOT", "C2", "C3", "D", "M", "S", "B", "BANK CHARGES", "AMAZONFEE", "CRUK", "ADJUST", "ADJUST2", "TEST001"}
)
# The products service's limits
MAX_PRICE_CENTS = 100_000_000
MAX_NAME = 200

_NUMBER = re.compile(r"[-+]?(\d{1,15}(\.\d{0,20})?|\.\d{1,20})([eE][-+]?\d{1,2})?", re.ASCII)
_PLAIN_CODE = re.compile(r"[A-Z0-9][A-Z0-9._-]{0,63}", re.ASCII)
_PLAIN_CUSTOMER = re.compile(r"[a-z0-9][a-z0-9_-]{0,49}", re.ASCII)
_TOLD_EVERY = 50_000


@dataclass(frozen=True, slots=True)
class OrderLog:
    """What a log holds, each sorted by its id; `lines` and `sales` count what was read."""

    products: tuple[Product, ...]
    customers: tuple[Customer, ...]
    lines: int
    sales: int


class _Line(NamedTuple):
    invoice: str
    code: str
    name: str
    customer: str
    sold: bool
    price_cents: int

    @property
    def is_sale(self) -> bool:
        return self.sold and self.price_cents > 0 and not self.invoice.upper().startswith("C")


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
        for line in _lines(path, file):
            lines += 1
            if lines % _TOLD_EVERY == 0:
                progress("log", f"{lines:,} lines")
            if not line.is_sale:
                continue
            sales += 1
            if line.customer:
                customers.add(line.customer)
            if line.code and line.code not in NO_PRODUCTS:
                tally = tallies.setdefault(line.code, _Tally())
                tally.prices[line.price_cents] += 1
                tally.names[line.name] += 1
    if not tallies:
        raise OrderLogError(f"{path}: none of its {lines:,} lines is the sale of a product: is it the right file?")
    products = sorted((_product(code, tally) for code, tally in tallies.items()), key=lambda each: each.product_id)
    return OrderLog(tuple(products), tuple(_customers(customers)), lines, sales)


def product_id(code: str) -> str:
    """The id of a normalized stock code: the code itself where that can stand in a URL."""
    return code if _PLAIN_CODE.fullmatch(code) else _replaced(code, r"[^A-Z0-9._-]+")


def user_id(customer: str) -> str:
    """The id of a normalized customer number, `customer-17850`; with `@example.com` it is the address too."""
    return f"customer-{customer if _PLAIN_CUSTOMER.fullmatch(customer) else _replaced(customer, r'[^a-z0-9_-]+')}"


def _replaced(text: str, strange: str) -> str:
    """At most 41 characters; the digest keeps two apart that look alike, and `~` keeps both apart from plain ones."""
    return f"{re.sub(strange, '-', text)[:28].strip('-.')}~{sha256(text.encode()).hexdigest()[:12]}"


def _product(code: str, tally: _Tally) -> Product:
    named = {name: times for name, times in tally.names.items() if name}
    name = min(named, key=lambda each: (-named[each], each), default=code)[:MAX_NAME]
    return Product(
        product_id=product_id(code),
        name=name,
        category=category_of(name),
        price_cents=min(tally.prices, key=lambda each: (-tally.prices[each], each)),
        description=f"{name} (stock code {code[:MAX_NAME]})",
    )


def _customers(numbers: set[str]) -> Iterator[Customer]:
    plausible = Plausible()
    for each in sorted(map(user_id, numbers)):
        yield Customer(each, f"{each}@example.com", plausible.name_of(each))


def _lines(path: Path, file: TextIO) -> Iterator[_Line]:
    """The lines below the header. Raises OrderLogError, naming line and column."""
    reader = csv.reader(file, strict=True)
    try:
        header = next(reader, None)
        if header is None:
            raise OrderLogError(f"{path} is empty: give a CSV file with the columns {', '.join(COLUMNS)}.")
        places = _places(path, header)
        start = reader.line_num + 1
        for fields in reader:
            if fields:
                yield _line(f"{path}, line {start}", fields, len(header), places)
            start = reader.line_num + 1
    except csv.Error as error:
        where = f"{path}, line {reader.line_num}"
        raise OrderLogError(f"{where}: {error}: is a quotation mark not closed, or not doubled?") from error


def _places(path: Path, header: list[str]) -> list[int]:
    names = [each.strip().lower() for each in header]
    missing = [each for each in COLUMNS if each.lower() not in names]
    if missing:
        found = ", ".join(_readable(each) for each in islice(header, 12)) or "nothing"
        raise OrderLogError(
            f"{path}, line 1: no column {', '.join(missing)} (found: {found}). The columns are UCI Online Retail's, "
            "with commas between them."
        )
    return [names.index(each.lower()) for each in COLUMNS]


def _line(where: str, fields: list[str], width: int, places: list[int]) -> _Line:
    if len(fields) != width:
        raise OrderLogError(
            f"{where} has {len(fields)} columns and the header {width}: put text that holds a comma in quotation marks."
        )
    invoice, code, name, quantity, price, customer = (fields[place] for place in places)
    return _Line(
        invoice=invoice.strip(),
        code=_normal(code).upper(),
        name=_normal(name),
        customer=_customer(customer),
        sold=_number(where, "Quantity", quantity) > 0,
        price_cents=_cents(where, price),
    )


@lru_cache(maxsize=1 << 16)
def _normal(text: str) -> str:
    """Without characters that nobody sees, and with single spaces."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


@lru_cache(maxsize=1 << 16)
def _customer(text: str) -> str:
    """A number that a spreadsheet has made a decimal, `17850.0`, is `17850`."""
    return re.sub(r"^(\d+)\.0+$", r"\1", _normal(text).lower())


def _number(where: str, column: str, text: str) -> Decimal:
    value = _decimal(text)
    if value is None:
        shown = _readable(text)
        raise OrderLogError(f"{where}, column {column}: {shown!r} is no number: write it as 2.55, without separators.")
    return value


def _cents(where: str, text: str) -> int:
    """Half a cent is rounded up; a negative price is no price: 0."""
    cents = _number(where, "UnitPrice", text) * 100
    if cents > MAX_PRICE_CENTS:
        raise OrderLogError(f"{where}, column UnitPrice: {text.strip()} is more than the shop's limit of 1,000,000.")
    return max(int(cents.quantize(Decimal(1), ROUND_HALF_UP)), 0)


@lru_cache(maxsize=1 << 16)
def _decimal(text: str) -> Decimal | None:
    stripped = text.strip()
    return Decimal(stripped) if _NUMBER.fullmatch(stripped) else None


def _readable(text: str) -> str:
    return _normal(text)[:40]
