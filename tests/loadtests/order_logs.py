"""Order logs of a few rows, for tests of what plays them."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

HEADER = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country")


def row(
    invoice: str, at: str = "2010-12-01 08:26:00", code: str = "A1", quantity: str = "1", **other: str
) -> list[str]:
    """One row; what is not said is a sale of one A1 for 2.55 to customer 17850."""
    values = {"InvoiceNo": invoice, "StockCode": code, "Quantity": quantity, "InvoiceDate": at}
    usual = {"Description": "HOLDER", "UnitPrice": "2.55", "CustomerID": "17850.0", "Country": "EIRE"}
    return list({**dict.fromkeys(HEADER, ""), **usual, **values, **other}.values())


def written(path: Path, rows: Iterable[list[str]]) -> Path:
    """The path of a log with these rows below its header."""
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])
    return path
