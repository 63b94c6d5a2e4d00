"""The order of a run, and contenders that break off; with contenders that only remember."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import run
from benchmarks.contenders import Contender
from benchmarks.contenders.base import Place
from benchmarks.errors import ContenderError
from benchmarks.plan import Plan
from benchmarks.scenarios.base import Cell, Measured, Scenario, Subject
from benchmarks.stack import Clients, Stack
from benchmarks.usage import Cpu, Kind
from sandbox.paths import DEVELOPMENT


class Remembering:
    """An instance that starts nothing; ``events`` has what was asked of all of them."""

    clients: Clients | None = None

    def __init__(self, place: Place, events: list[str], fails: bool = False) -> None:
        self.port, self.mark = place.port, str(place.run)
        self._name, self._events, self._fails = place.run.name, events, fails

    def start(self) -> None:
        self._events.append(f"start {self._name}")
        if self._fails:
            raise ContenderError("no")

    def deploy(self) -> Stack:
        raise AssertionError

    def terminate(self) -> None:
        raise AssertionError

    def stop(self) -> None:
        self._events.append(f"stop {self._name}")

    def cpu(self) -> Cpu:
        raise AssertionError

    def kind(self, command: Sequence[str]) -> Kind:
        return "functions"


@pytest.fixture
def events() -> list[str]:
    return []


def _contender(name: str, events: list[str], fails: bool = False) -> Contender:
    return Contender(name, name, lambda place: Remembering(place, events, fails))


def _scenario(events: list[str], *, once: str = "", breaks: str = "") -> Scenario:
    def measure(subject: Subject, cell: str) -> Measured:
        name = subject.contender.name
        events.append(f"{cell} {name}")
        if name == breaks:
            raise ConnectionError("gone")
        return Measured({}, once=name == once)

    cells = tuple(Cell(cell, lambda subject, cell=cell: measure(subject, cell)) for cell in ("x", "y"))  # type: ignore[misc]
    return Scenario("some", "Some", cells, needs_stack=False)


def _execute(scenario: Scenario, contenders: tuple[Contender, ...], tmp_path: Path) -> run.Result:
    return run.execute(Plan((scenario,), contenders, rounds=2), DEVELOPMENT, tmp_path, lambda line: None)


def test_contenders_alternate_within_each_cell(events: list[str], tmp_path: Path) -> None:
    result = _execute(_scenario(events), (_contender("a", events), _contender("b", events)), tmp_path)
    round_ = ["x a", "x b", "y a", "y b"]
    assert events == ["start a", "start b", *round_, *round_, "stop b", "stop a"]
    assert [each.round for each in result.samples] == [1] * 4 + [2] * 4


def test_optional_contender_that_does_not_start_is_left_out(events: list[str], tmp_path: Path) -> None:
    optional = replace(_contender("b", events, fails=True), optional=True)
    result = _execute(_scenario(events), (_contender("a", events), optional), tmp_path)
    assert (result.failed, result.left_out) == ({}, {"b": "no"})
    assert {each.contender for each in result.samples} == {"a"}
    assert events[-2:] == ["stop b", "stop a"]


def test_what_takes_too_long_is_measured_once(events: list[str], tmp_path: Path) -> None:
    _execute(_scenario(events, once="a"), (_contender("a", events), _contender("b", events)), tmp_path)
    assert [events.count(f"x {name}") for name in "ab"] == [1, 2]


def test_contender_that_breaks_off_is_left_out_and_the_others_go_on(events: list[str], tmp_path: Path) -> None:
    contenders = (_contender("a", events), _contender("b", events))
    result = _execute(_scenario(events, breaks="a"), contenders, tmp_path)
    assert result.failed == {"a": "gone"}
    assert [events.count(f"x {name}") for name in "ab"] == [1, 2]
    assert events[-2:] == ["stop b", "stop a"]


def test_contender_that_does_not_start_is_left_out(events: list[str], tmp_path: Path) -> None:
    contenders = (_contender("a", events, fails=True), _contender("b", events))
    result = _execute(_scenario(events), contenders, tmp_path)
    assert result.failed == {"a": "no"}
    assert {each.contender for each in result.samples} == {"b"}


def test_interrupt_stops_every_contender(events: list[str], tmp_path: Path) -> None:
    def interrupted(subject: Subject) -> Measured:
        raise KeyboardInterrupt

    scenario = Scenario("some", "Some", (Cell("x", interrupted),), needs_stack=False)
    with pytest.raises(KeyboardInterrupt):
        _execute(scenario, (_contender("a", events), _contender("b", events)), tmp_path)
    assert events[-2:] == ["stop b", "stop a"]
