"""What was printed, line by line, with its times."""

import pytest

from loadstack_engine import output
from loadstack_engine.output import Output


@pytest.fixture
def clock(monkeypatch):
    """``clock[0]`` is the time."""
    now = [0]
    monkeypatch.setattr(output, "now_ms", lambda: now[0])
    return now


def test_line_has_the_time_at_which_it_began(clock):
    printed = Output()
    for clock[0], chunk in ((1, b"one\ntw"), (2, b"o\nthree"), (3, b"\n")):
        printed.add(chunk)

    assert printed.take() == [(1, b"one"), (1, b"two"), (2, b"three")]


def test_end_without_a_newline_is_a_line_and_empty_ones_are_none(clock):
    printed = Output()
    printed.add(b"\n\none\n\ntwo")

    assert printed.take() == [(0, b"one"), (0, b"two")]
    assert printed.take() == []


def test_of_much_the_beginning_and_the_end_are_kept():
    printed = Output()
    printed.add(b"first\n")
    for _ in range(50):
        printed.add(b"x" * 1_000_000)
    printed.add(b"\nlast\n")

    lines = [line for _, line in printed.take()]

    assert (lines[0], lines[-1]) == (b"first", b"last")
    assert any(b"[output cut here]" in line for line in lines)
    assert sum(map(len, lines)) < 5_000_000
