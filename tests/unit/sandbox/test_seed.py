"""What ``make seed`` takes, and what it says."""

from pathlib import Path

import pytest
from rich.console import Console

from bootstrap.enlarge import Growth
from sandbox import seed
from sandbox.errors import NotRunningError, UsageError
from sandbox.host_engine import HostEngine
from sandbox.paths import DEVELOPMENT
from sandbox.target import Target

ELSEWHERE = Target("http://127.0.0.1:1", None)


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        ({"PRODUCTS": "many"}, r"^PRODUCTS=many is no number of products: make seed PRODUCTS=10000"),
        ({}, "^make seed wants to know what to add: make seed PRODUCTS="),
        ({"USERS": "-1"}, "^USERS=-1 is no number of users"),
        ({"USERS": "1.5"}, "^USERS=1.5 is no number"),
        ({"USERS": "²"}, "^USERS=² is no number"),
        ({"PRODUCTS": "9" * 10}, "^PRODUCTS=9999999999 is no number"),
        (
            {"FROM": "x.csv", "USERS": "1"},
            "^FROM= takes all that the file names: give PRODUCTS= and USERS= to a second",
        ),
        ({"FROM": "/nowhere.csv"}, r"^/nowhere\.csv: there is no such file"),
    ],
)
def test_wrong_wish_is_a_usage_error(wishes: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        seed.run(ELSEWHERE, wishes, Console(quiet=True))


def test_bad_line_of_a_log_is_a_usage_error(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("InvoiceNo,StockCode,Description,Quantity,UnitPrice,CustomerID\n1,2,A,one,1,1\n")
    with pytest.raises(UsageError, match=r"log\.csv, line 2, column Quantity: 'one' is no number"):
        seed.run(ELSEWHERE, {"FROM": str(path)}, Console(quiet=True))


def test_stack_that_does_not_run_is_told(tmp_path: Path) -> None:
    target = Target("http://127.0.0.1:1", HostEngine(tmp_path, 1, DEVELOPMENT))
    with pytest.raises(NotRunningError, match="make up starts it"):
        seed.run(target, {"PRODUCTS": "1"}, Console(quiet=True))


@pytest.mark.parametrize(
    ("growth", "wanted", "said"),
    [
        (Growth(201, 9_799), 10_000, "9,799 products added, 10,000 in all"),
        (Growth(10_000, 0), 10_000, "10,000 products, unchanged"),
        (Growth(201, 0), 100, "There are 201 products, more than PRODUCTS=100: none is removed"),
        (Growth(201, 0), None, "201 products, unchanged"),
    ],
)
def test_what_happened_is_told(growth: Growth, wanted: int | None, said: str) -> None:
    assert seed._summary("products", growth, wanted) == said
