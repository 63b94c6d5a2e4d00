"""What a row says: so many of a product, at a price, to a customer."""

import re
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import NamedTuple

from retail_log import rows
from retail_log.errors import OrderLogError
from retail_log.ids import NO_PRODUCTS
from retail_log.rows import Row

COLUMNS = ("InvoiceNo", "StockCode", "Description", "Quantity", "UnitPrice", "CustomerID")
MAX_PRICE_CENTS = 100_000_000  # the products service's limit

_NUMBER = re.compile(r"[-+]?(\d{1,15}(\.\d{0,20})?|\.\d{1,20})([eE][-+]?\d{1,2})?", re.ASCII)


class Line(NamedTuple):
    """A row, read: codes, names and customers normalized (`rows.normal`), the customer empty where there is none."""

    invoice: str
    code: str
    name: str
    customer: str
    quantity: Decimal
    price_cents: int

    @property
    def is_cancellation(self) -> bool:
        """Whether it takes back what an earlier one sold."""
        return self.invoice.upper().startswith("C")

    @property
    def is_sale(self) -> bool:
        """Whether something was sold: of no cancellation, above zero, at a cent at least."""
        return self.quantity > 0 and self.price_cents > 0 and not self.is_cancellation

    @property
    def is_product(self) -> bool:
        """Whether its code is a product's, and not that of postage or a fee."""
        return bool(self.code) and self.code not in NO_PRODUCTS


def line(row: Row) -> Line:
    """Read a row of `COLUMNS`; what comes after these is left alone. Raises OrderLogError for a number that is none."""
    invoice, code, name, quantity, price, customer = row.fields[: len(COLUMNS)]
    return Line(
        invoice=invoice.strip(),
        code=rows.normal(code).upper(),
        name=rows.normal(name),
        customer=rows.customer(customer),
        quantity=_number(row, "Quantity", quantity),
        price_cents=_cents(row, price),
    )


def _number(row: Row, column: str, text: str) -> Decimal:
    value = _decimal(text)
    if value is None:
        raise OrderLogError(
            f"{row.where}, column {column}: {rows.readable(text)!r} is no number: write it as 2.55, without separators."
        )
    return value


def _cents(row: Row, text: str) -> int:
    """Half a cent is rounded up; a negative price is no price: 0."""
    cents = _number(row, "UnitPrice", text) * 100
    if cents > MAX_PRICE_CENTS:
        raise OrderLogError(
            f"{row.where}, column UnitPrice: {text.strip()} is more than the shop's limit of 1,000,000."
        )
    return int(cents.quantize(Decimal(1), ROUND_HALF_UP)) if cents > 0 else 0


@lru_cache(maxsize=1 << 16)
def _decimal(text: str) -> Decimal | None:
    stripped = text.strip()
    return Decimal(stripped) if _NUMBER.fullmatch(stripped) else None
