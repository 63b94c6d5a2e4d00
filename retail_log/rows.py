"""The rows of a log, as they stand there: fields by column, each with the place to name when something is wrong."""

import csv
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import NamedTuple, TextIO

from retail_log.errors import OrderLogError


class Row(NamedTuple):
    """A row: `fields` in the order of the columns that were asked for; `number` is that of its (first) line."""

    path: Path
    number: int
    fields: tuple[str, ...]

    @property
    def where(self) -> str:
        """For messages: `orders.csv, line 7`."""
        return f"{self.path}, line {self.number}"


def rows(path: Path, file: TextIO, columns: tuple[str, ...]) -> Iterator[Row]:
    """The rows below the header, which has the columns in any order, among others.

    Raises:
        OrderLogError: no header, a column is missing, a row is longer or shorter than the header, or it is no CSV.
    """
    reader = csv.reader(file, strict=True)
    try:
        header = next(reader, None)
        if header is None:
            raise OrderLogError(f"{path} is empty: give a CSV file with the columns {', '.join(columns)}.")
        places = _places(path, header, columns)
        start = reader.line_num + 1
        for fields in reader:
            if fields:
                if len(fields) != len(header):
                    raise _unlike(path, start, len(fields), len(header))
                yield Row(path, start, tuple([fields[place] for place in places]))
            start = reader.line_num + 1
    except csv.Error as error:
        where = f"{path}, line {reader.line_num}"
        raise OrderLogError(f"{where}: {error}: is a quotation mark not closed, or not doubled?") from error


@lru_cache(maxsize=1 << 16)
def normal(text: str) -> str:
    """Without characters that nobody sees, and with single spaces."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


def readable(text: str) -> str:
    """As much of it as a message can hold."""
    return normal(text)[:40]


@lru_cache(maxsize=1 << 16)
def customer(text: str) -> str:
    """A number that a spreadsheet has made a decimal, `17850.0`, is `17850`."""
    return re.sub(r"^(\d+)\.0+$", r"\1", normal(text).lower())


def _places(path: Path, header: list[str], columns: tuple[str, ...]) -> list[int]:
    names = [each.strip().lower() for each in header]
    missing = [each for each in columns if each.lower() not in names]
    if missing:
        found = ", ".join(readable(each) for each in islice(header, 12)) or "nothing"
        raise OrderLogError(
            f"{path}, line 1: no column {', '.join(missing)} (found: {found}). The columns are UCI Online Retail's, "
            "with commas between them."
        )
    return [names.index(each.lower()) for each in columns]


def _unlike(path: Path, number: int, width: int, expected: int) -> OrderLogError:
    return OrderLogError(
        f"{path}, line {number} has {width} columns and the header {expected}: put text that holds a comma in "
        "quotation marks."
    )
