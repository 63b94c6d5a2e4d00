"""Which cells `make load-matrix` runs, and in which order."""

import re
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bootstrap.flows import Flow
from loadtests.matrix.figures import ENOUGH_ROUNDS
from sandbox import install
from sandbox.errors import UsageError
from sandbox.matrix import grid
from sandbox.matrix.grid import Cell, Grid


def test_both_flows_are_compared_where_nothing_is_said() -> None:
    assert grid.from_environment({"PATH": "/bin", "MEMORY": ""}).cells == (Cell(Flow.CHOREOGRAPHY), Cell(Flow.SAGA))


def test_rounds_are_as_many_as_tell_a_difference_from_chance() -> None:
    assert grid.from_environment({}).rounds == ENOUGH_ROUNDS


def test_every_value_meets_every_other() -> None:
    chosen = grid.from_environment({"FLOW": "saga", "MEMORY": "256, 1024", "BATCH": "1,10", "ROUNDS": "3"})
    assert [str(cell) for cell in chosen.cells] == [
        "saga · 256 MB · batch 1",
        "saga · 256 MB · batch 10",
        "saga · 1024 MB · batch 1",
        "saga · 1024 MB · batch 10",
    ]
    assert (chosen.rounds, chosen.runs) == (3, 12)
    assert list(chosen.words) == ["FLOW", "MEMORY", "BATCH"]


def test_rounds_go_there_and_back() -> None:
    chosen = grid.from_environment({"BATCH": "1,5,10", "ROUNDS": "2"})
    assert list(chosen.order()) == [(1, 0), (1, 1), (1, 2), (2, 2), (2, 1), (2, 0)]


@given(st.integers(2, grid.MOST_CELLS), st.integers(1, grid.MOST_ROUNDS))
def test_drift_is_the_same_for_all_cells_of_an_even_number_of_rounds(cells: int, rounds: int) -> None:
    order = list(Grid(tuple(Cell(batch_size=number) for number in range(cells)), rounds, {}).order())
    places = [[place for place, (_, cell) in enumerate(order) if cell == number] for number in range(cells)]
    assert {len(each) for each in places} == {rounds}
    assert rounds % 2 or len({sum(each) for each in places}) == 1
    assert sorted({number for number, _ in order}) == list(range(1, rounds + 1))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"FLOW": "choreography,sage"}, "FLOW=sage is unknown: there are choreography and saga"),
        ({"FLOW": "saga,saga"}, "FLOW=saga,saga has saga twice"),
        ({"FLOW": "saga,"}, "FLOW= is unknown"),
        ({"MEMORY": "64,256"}, "MEMORY=64 is out of bounds: whole numbers from 128 to 10240"),
        ({"MEMORY": "256,10241"}, "MEMORY=10241 is out of bounds"),
        ({"MEMORY": "256MB,512MB"}, "MEMORY=256MB is out of bounds"),
        ({"MEMORY": f"256,{'9' * 5000}"}, "MEMORY=9"),
        ({"BATCH": "0,10"}, "BATCH=0 is out of bounds: whole numbers from 1 to 10"),
        ({"BATCH": "1,11"}, "BATCH=11 is out of bounds"),
        ({"BATCH": "1,-1"}, "BATCH=-1 is out of bounds"),
        ({"BATCH": "1,٣"}, "BATCH=٣ is out of bounds"),
        ({"BATCH": "1,01"}, "BATCH=1,01 has 01 twice"),
        ({"ROUNDS": "0"}, "ROUNDS=0 is out of bounds: whole numbers from 1 to 10"),
        ({"ROUNDS": "1.5"}, "ROUNDS=1.5 is out of bounds"),
        ({"FLOW": "saga", "BATCH": "10"}, "FLOW=saga BATCH=10 is one cell, with nothing to compare it to"),
        ({"MEMORY": "128,256,512,1024", "BATCH": "1,2,5,10"}, "are 16 cells: at most 12 are run"),
        ({"HOST": "http://h"}, "HOST=http://h: make load-matrix deploys each cell to this checkout's sandbox"),
        ({"ENDPOINT": "http://h"}, "ENDPOINT=http://h: make load-matrix deploys each cell"),
        ({"MASTER": "10.0.0.5:5557"}, "MASTER=10.0.0.5:5557: make load-matrix runs many loads"),
    ],
)
def test_bad_word_is_refused_by_name_before_anything_is_installed(
    words: Mapping[str, str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for word in ("FLOW", "MEMORY", "BATCH", "ROUNDS", "HOST", "ENDPOINT", "MASTER"):
        monkeypatch.delenv(word, raising=False)
    for word, value in words.items():
        monkeypatch.setenv(word, value)
    with pytest.raises(UsageError, match=re.escape(message)):
        install.ensure(install.SANDBOX, "load-matrix")
