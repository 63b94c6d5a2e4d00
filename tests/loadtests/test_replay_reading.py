"""What is played of a log, and what is left out of it, by reason."""

from __future__ import annotations

import os
from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.replay.reading import NothingToPlayError, read
from loadtests.replay.recording import Basket, Recording
from retail_log.errors import OrderLogError
from tests.loadtests.order_logs import HEADER, row, written

UCI = "ONLINE_RETAIL_CSV"  # the real file is not part of the project
DAY = datetime(2010, 12, 1)


def play(path: Path, *rows: list[str], since: datetime | None = None, speed: float = 600.0, seed: int = 1) -> Recording:
    return read(written(path / "log.csv", rows), since, None, speed, seed)


def test_order_is_all_rows_of_its_invoice_with_each_product_once(tmp_path: Path) -> None:
    found = play(
        tmp_path,
        row("1", code="a1", quantity="2"),
        row("2", "2010-12-01 08:28:00", CustomerID=""),
        row("1", "2010-12-01 08:27:00", code="A1 ", quantity="3.0"),
        row("1", code="B 2", quantity="10000"),
    )
    [first, second] = found.baskets
    assert first._replace(items=()) == Basket("1", datetime(2010, 12, 1, 8, 26), "customer-17850", ())
    assert first.items[0] == ("A1", 5)
    assert [quantity for _, quantity in first.items] == [5, 10000]
    assert second.customer == ""
    assert (found.since, found.until) == (datetime(2010, 12, 1, 8, 26), datetime(2010, 12, 1, 8, 29))
    assert found.duration_s == pytest.approx(180 / 600)


def test_rows_and_orders_that_cannot_be_played_are_counted_by_reason(tmp_path: Path) -> None:
    found = play(
        tmp_path,
        row("1"),
        row("1", code="POST"),
        row("1", code="A2", UnitPrice="0"),
        row("1", code="A3", quantity="-1"),
        row("1", code="A4", quantity="1.5"),
        row("1", code="A5", quantity="6000"),
        row("1", code="A5", quantity="6000"),
        row("C2", quantity="-1"),
        row("3", code="m"),
        row(" ", code="A6"),
        *[row("4", code=f"P{number}") for number in range(101)],
        *[row("5", code=f"P{number}") for number in range(100)],
    )
    assert [basket.invoice for basket in found.baskets] in (["1", "5"], ["5", "1"])
    assert found.tally.orders == 6
    assert found.tally.orders_left_out == {"cancellation": 1, "nothing_left": 2, "above_100_products": 1}
    assert found.tally.rows_left_out == {
        "no_product": 2,
        "no_price": 1,
        "quantity_not_above_0": 1,
        "quantity_not_whole": 1,
        "quantity_above_10000": 2,
        "cancellation": 1,
        "no_invoice": 1,
        "order_above_100_products": 101,
    }
    assert found.tally.rows == 211


orders = st.lists(
    st.tuples(st.integers(0, 3000), st.integers(-2, 6), st.sampled_from(["A1", "B1", "POST"])), max_size=30
)


@given(orders, st.floats(0.5, 5000), st.integers(0, 3))
def test_each_order_leaves_within_its_minute_and_none_is_forgotten(
    tmp_path_factory: pytest.TempPathFactory, lines: list[tuple[int, int, str]], speed: float, seed: int
) -> None:
    rows = [
        row(f"{minute}", f"{DAY + timedelta(minutes=minute):%F %T}", code, str(quantity))
        for minute, quantity, code in lines
    ]
    units: defaultdict[int, int] = defaultdict(int)
    for minute, quantity, code in lines:
        if quantity > 0 and code != "POST":
            units[minute] += quantity
    path = tmp_path_factory.mktemp("log")
    if not units:
        with pytest.raises(NothingToPlayError):
            play(path, *rows, speed=speed, seed=seed)
        return
    found = play(path, *rows, speed=speed, seed=seed)
    first = min(units)
    assert {int(basket.invoice): sum(quantity for _, quantity in basket.items) for basket in found.baskets} == units
    assert list(found.instants) == sorted(set(found.instants))
    assert max(found.instants) < found.duration_s + 1e-3
    for number, (basket, at) in enumerate(zip(found.baskets, found.instants, strict=True)):
        begun_s = (int(basket.invoice) - first) * 60 / speed
        assert begun_s - 1e-6 <= at <= begun_s + 60 / speed + 1e-3
        assert found.off_by_s(number, at) <= 1e-3
        assert found.off_by_s(number, begun_s - 1.0) == pytest.approx(1.0)
        assert found.off_by_s(number, begun_s + 60 / speed + 2.0) == pytest.approx(2.0)
    assert found.tally.rows == len(rows)
    played_rows = found.tally.rows - sum(found.tally.rows_left_out.values())
    assert played_rows == sum(quantity > 0 and code != "POST" for _, quantity, code in lines)
    assert found.tally.orders == len(found.baskets) + sum(found.tally.orders_left_out.values())


def test_seed_spreads_an_order_alike_whatever_is_played_beside_it(tmp_path: Path) -> None:
    late = [row(str(number), "2010-12-01 08:30:00") for number in range(20)]
    alone = play(tmp_path, *late)
    beside = play(tmp_path, row("early"), *late)
    assert [basket.invoice for basket in alone.baskets] == [basket.invoice for basket in beside.baskets[1:]]
    shift_s = 240 / 600
    assert list(alone.instants) == pytest.approx([at - shift_s for at in beside.instants[1:]])
    assert play(tmp_path, *late, seed=2).instants != alone.instants
    assert play(tmp_path, *late).instants == alone.instants


def test_times_with_seconds_are_played_as_they_are(tmp_path: Path) -> None:
    found = play(tmp_path, row("1", "2010-12-01 08:26:10"), row("2", "2010-12-01 08:27:40"), speed=10.0)
    assert found.instants == (0.0, 9.0)
    assert found.duration_s == pytest.approx(9.1)


def test_order_belongs_to_where_it_begins(tmp_path: Path) -> None:
    """Its later rows lie in the range, and belong to an order that does not."""
    rows = (row("1"), row("1", "2010-12-01 08:30:00"), row("2", "2010-12-01 08:31:00"))
    found = play(tmp_path, *rows, since=datetime(2010, 12, 1, 8, 28))
    assert [basket.invoice for basket in found.baskets] == ["2"]
    assert found.tally.rows == 1


def test_rows_of_no_invoice_are_those_of_their_own_times(tmp_path: Path) -> None:
    rows = (row("", "2010-12-01 08:20:00"), row("1", "2010-12-01 08:30:00"), row("", "2010-12-01 08:31:00"))
    found = play(tmp_path, *rows, since=datetime(2010, 12, 1, 8, 28))
    assert (found.tally.rows, found.tally.rows_left_out) == (2, {"no_invoice": 1})


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "has a header and no line below it"),
        ([row("1", "2009-12-01 08:26:00")], "its orders are from 2009-12-01 08:26 to 2009-12-01 08:26"),
        (
            [row("C1"), row("2", quantity="-2")],
            r"none of the 2 orders .* \(rows: 1 cancellation, 1 quantity not above 0\)",
        ),
        ([row("1", "soon")], "line 2, column InvoiceDate: 'soon' is no date with a time"),
        ([row("1", quantity="two")], "line 2, column Quantity: 'two' is no number"),
    ],
)
def test_log_with_nothing_to_play_is_told_in_a_line(tmp_path: Path, rows: list[list[str]], said: str) -> None:
    with pytest.raises(OrderLogError, match=said) as told:
        play(tmp_path, *rows, since=DAY)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(("content", "said"), [("", "is empty"), (",".join(HEADER[:4]), "no column UnitPrice")])
def test_file_without_the_columns_is_told(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "log.csv"
    path.write_text(content)
    with pytest.raises(OrderLogError, match=said):
        read(path, None, None, 600.0, 1)


@pytest.mark.skipif(UCI not in os.environ, reason=f"{UCI} names no file")
@pytest.mark.parametrize(
    ("day", "played", "orders", "rows", "left_out"),
    [
        (datetime(2010, 12, 2), 141, 167, 2109, {"cancellation": 23, "nothing_left": 3}),
        (datetime(2011, 10, 6), 116, 218, 3189, {"cancellation": 64, "nothing_left": 34, "above_100_products": 4}),
        (datetime(2011, 12, 5), 118, 151, 5331, {"cancellation": 16, "nothing_left": 9, "above_100_products": 8}),
    ],
    ids=["most that can be played", "most invoices", "most rows"],
)
def test_busiest_days_of_the_real_log(
    day: datetime, played: int, orders: int, rows: int, left_out: dict[str, int]
) -> None:
    found = read(Path(os.environ[UCI]), day, day + timedelta(days=1), 600.0, 1)
    assert (len(found.baskets), found.tally.orders, found.tally.rows) == (played, orders, rows)
    assert found.tally.orders_left_out == left_out
