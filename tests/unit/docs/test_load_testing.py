"""docs/load-testing.md describes every column that the CSV files of a report have, in their order."""

import re

import pytest

from loadtests.report.tables import ORDERS, REQUESTS
from tests.guide import ROOT


@pytest.mark.parametrize(("file", "columns"), [("orders.csv", ORDERS), ("requests.csv", REQUESTS)])
def test_columns_are_described_in_their_order(file: str, columns: tuple[str, ...]) -> None:
    guide = (ROOT / "docs" / "load-testing.md").read_text()
    (table,) = re.findall(rf"^`{file}`:\n\n((?:\|.*\n)+)", guide, re.M)
    described = [name for line in table.splitlines()[2:] for name in re.findall(r"`(\w+)`", line.split("|")[1])]
    assert tuple(described) == columns
