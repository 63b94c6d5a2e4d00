from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail_log import moments
from retail_log.errors import OrderLogError
from retail_log.rows import Row

ROW = Row(Path("log.csv"), 7, ())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2010-12-01 08:26:00", datetime(2010, 12, 1, 8, 26)),
        (" 2010-12-01 08:26 ", datetime(2010, 12, 1, 8, 26)),
        ("2010-12-01T08:26:31", datetime(2010, 12, 1, 8, 26, 31)),
        ("2010-12-01T08:26:00+02:00", datetime(2010, 12, 1, 6, 26)),
        ("12/1/2010 8:26", datetime(2010, 12, 1, 8, 26)),
        ("12/01/2010 08:26:05", datetime(2010, 12, 1, 8, 26, 5)),
    ],
)
def test_times_of_the_log_and_of_its_copies_are_read(text: str, told: datetime) -> None:
    assert moments.moment(ROW, text) == told


@pytest.mark.parametrize(
    "text", ["", "2010-12-01", "12/1/2010", "31/12/2010 8:26", "2010-13-01 08:26", "soon", "0001-01-01T00:00+14:00"]
)
def test_what_is_no_time_is_told_with_its_line(text: str) -> None:
    with pytest.raises(OrderLogError, match=r"^log\.csv, line 7, column InvoiceDate: '.*' is no date with a time: "):
        moments.moment(ROW, text)


@given(st.datetimes(min_value=datetime(1900, 1, 1)))
def test_moment_written_in_iso_is_read_back(at: datetime) -> None:
    assert moments.parsed(at.isoformat(sep=" ", timespec="microseconds")) == at


@given(st.text(max_size=30))
def test_any_text_is_a_time_or_none(text: str) -> None:
    assert moments.parsed(text) is None or len(text.strip()) > len("2010-12-01")


def test_date_is_its_beginning_and_as_an_end_all_of_it() -> None:
    assert moments.bound("2011-12-05", is_end=False) == datetime(2011, 12, 5)
    assert moments.bound("2011-12-05", is_end=True) == datetime(2011, 12, 6)
    assert moments.bound("12/5/2011", is_end=True) == datetime(2011, 12, 6)
    assert moments.bound("2011-12-05 09:30", is_end=True) == datetime(2011, 12, 5, 9, 30)
    assert moments.bound("yesterday", is_end=True) is None
    assert moments.bound("9999-12-31", is_end=True) is None
