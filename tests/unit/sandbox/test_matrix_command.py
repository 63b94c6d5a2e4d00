"""What `make load-matrix` does with the stack, round by round, however it ends. (On a real one:
tests/integration/test_load_matrix.py.)
"""

import io
import json
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bootstrap.errors import DeployError
from bootstrap.flows import Flow
from bootstrap.shop_sizes import AS_DECLARED, Sizes
from sandbox.errors import EXIT_INTERRUPTED, EXIT_USAGE, UsageError
from sandbox.matrix import cells, command, grid
from sandbox.matrix.book import Book
from sandbox.matrix.command import MatrixError
from sandbox.own_stack import record
from sandbox.own_stack.record import OwnStack
from sandbox.target import Target

PLAN = {"warmup_s": 2.0, "rate_max": None, "takes_s": [62.0, 122.0]}
BATCHES = {"BATCH": "1,10", "ROUNDS": "2"}
ONE, TEN = Sizes(batch_size=1), Sizes(batch_size=10)


@dataclass
class Sandbox:
    """What is asked of it; `codes` are those of the harness's runs, which write a report unless it is 3."""

    reports: Path
    done: list[Any] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)
    loads: list[list[str]] = field(default_factory=list)
    drawn: list[Path] = field(default_factory=list)
    deploying: Callable[[Sizes], None] = lambda sizes: None
    ready: bool = True
    plan: tuple[int, dict[str, Any]] = (0, PLAN)

    def is_ready(self) -> bool:
        return self.ready

    def bring_up(
        self, target: Target, console: Console, flow: Flow | None = None, wanted: Any = None, sizes: Any = None
    ) -> None:
        self.ready = True
        self.done.append((flow, sizes))
        if sizes:
            self.deploying(sizes)

    def reset(self, target: Target, console: Console) -> None:
        self.done.append("reset")

    def seed(self, target: Target, wishes: Mapping[str, str], console: Console) -> None:
        self.done.append(dict(wishes))

    def foreground(self, words: Sequence[str]) -> int:
        if "loadtests.matrix" in words:
            self.drawn.append(Path(words[-1]))
            return 0
        self.loads.append(list(words))
        self.done.append("load")
        code = self.codes.pop(0) if self.codes else 0
        if code != 3:
            self._report(Path(next(word for word in words if word.startswith("--reports=")).split("=")[1]))
        return code

    def _report(self, folder: Path) -> None:
        name = f"{len(self.loads)}-order"
        (folder / name).mkdir(parents=True)
        (folder / "latest").unlink(missing_ok=True)
        (folder / "latest").symlink_to(name)

    def checked(self, words: Sequence[str], **_: Any) -> subprocess.CompletedProcess[str]:
        assert words[-1] == "--show-plan"
        return subprocess.CompletedProcess(words, self.plan[0], json.dumps(self.plan[1]))

    def folders(self) -> list[Path]:
        return [path for path in self.reports.iterdir() if "-matrix" in path.name]

    def book(self) -> dict[str, Any]:
        (folder,) = self.folders()
        content: dict[str, Any] = json.loads((folder / "cells.json").read_text())
        return content


@pytest.fixture
def sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    made = Sandbox(tmp_path)
    monkeypatch.setattr(command, "run_in_foreground", made.foreground)
    monkeypatch.setattr(command.subprocess, "run", made.checked)
    monkeypatch.setattr(command.targets, "from_environment", lambda *_, **__: Target("http://127.0.0.1:4600", made))
    monkeypatch.setattr(command, "only_one", lambda *_: nullcontext())
    monkeypatch.setattr(command, "RUN", tmp_path / "run")
    monkeypatch.setattr(cells.up, "bring_up", made.bring_up)
    monkeypatch.setattr(cells.reset, "run", made.reset)
    monkeypatch.setattr(command.load.seed, "run", made.seed)
    monkeypatch.setattr(cells.flows, "of", lambda clients: Flow.CHOREOGRAPHY)
    return made


def run(sandbox: Sandbox, **words: str) -> tuple[int, str]:
    said = io.StringIO()
    code = command.run({"REPORTS": str(sandbox.reports), **words}, Console(file=said, width=200))
    return code, said.getvalue()


def test_stack_of_ones_own_is_told_before_anything_else(sandbox: Sandbox) -> None:
    record.write(command.RUN, OwnStack("notes/template.yaml", "notes"))
    with pytest.raises(UsageError, match=r"runs the stack of notes/template\.yaml, not the shop: make down"):
        run(sandbox, **BATCHES)
    assert (sandbox.done, sandbox.folders()) == ([], [])


def test_every_cell_is_deployed_emptied_and_loaded_and_the_stack_put_back(sandbox: Sandbox) -> None:
    code, said = run(sandbox, **BATCHES, RATE="7", SCENARIO="checkout")
    flow = Flow.CHOREOGRAPHY
    cell = {1: [(flow, ONE), "reset", "load"], 10: [(flow, TEN), "reset", "load"]}
    assert code == 0
    assert sandbox.done == [*cell[1], *cell[10], *cell[10], *cell[1], (flow, AS_DECLARED), "reset"]
    assert sandbox.drawn == sandbox.folders()
    assert "2 cells, 2 rounds: 4 runs of 70 s. All in all about 6 min; at most 10 min, where orders" in said
    for load in sandbox.loads:
        assert {"--scenario=checkout", "--rate=7", "--port=4600", "--warmup=10"} <= set(load)
    book = sandbox.book()
    assert (book["state"], book["scenario"]) == ("complete", "checkout")
    assert [(each["round"], each["cell"], each["report"]) for each in book["runs"]] == [
        (1, 0, "runs/1-order"), (1, 1, "runs/2-order"), (2, 1, "runs/3-order"), (2, 0, "runs/4-order")
    ]  # fmt: skip
    assert [each["batch_size"] for each in book["cells"]] == [1, 10]
    assert book["repeat"].startswith("make load-matrix BATCH=1,10 ROUNDS=2 SCENARIO=checkout RATE=7 WARMUP=10")


def test_flows_are_those_of_the_cells_and_in_the_end_the_first_again(sandbox: Sandbox) -> None:
    run(sandbox, ROUNDS="1")
    deployed = [each for each in sandbox.done if isinstance(each, tuple)]
    assert deployed == [
        (Flow.CHOREOGRAPHY, AS_DECLARED), (Flow.SAGA, AS_DECLARED), (Flow.CHOREOGRAPHY, AS_DECLARED)
    ]  # fmt: skip
    assert not any("--flow" in word for load in sandbox.loads for word in load)


def test_sandbox_that_does_not_run_is_brought_up_first(sandbox: Sandbox) -> None:
    sandbox.ready = False
    run(sandbox, **BATCHES)
    assert sandbox.done[0] == (None, None)


@pytest.mark.parametrize(
    ("words", "planned", "option"),
    [
        ({"WARMUP": "3"}, {"warmup_s": 3.0}, "--warmup=3"),
        ({}, {"warmup_s": 0.0}, "--warmup=0"),
        ({}, {"warmup_s": 30.0}, "--warmup=30"),
        ({}, {"warmup_s": 5.0, "rate_max": 320.0}, "--warmup=5"),
    ],
    ids=["asked for", "of a scenario without one", "of a scenario with a longer one", "of each step of a search"],
)
def test_warmup_is_at_least_ten_seconds_where_none_is_asked_for(
    words: dict[str, str], planned: dict[str, Any], option: str, sandbox: Sandbox
) -> None:
    sandbox.plan = (0, PLAN | planned)
    run(sandbox, **BATCHES, **words)
    assert all(option in load for load in sandbox.loads)


def test_run_that_breaks_a_rule_is_a_result_like_any_other(sandbox: Sandbox) -> None:
    sandbox.codes = [0, 1, 1, 0]
    assert run(sandbox, **BATCHES)[0] == 0
    assert len(sandbox.book()["runs"]) == 4


@pytest.mark.parametrize(("code", "state"), [(EXIT_INTERRUPTED, "interrupted"), (2, "failed")])
def test_run_that_ends_before_its_time_ends_the_matrix(code: int, state: str, sandbox: Sandbox) -> None:
    sandbox.codes = [0, code]
    assert run(sandbox, **BATCHES)[0] == code
    assert sandbox.done[-2:] == [(Flow.CHOREOGRAPHY, AS_DECLARED), "reset"]
    assert (sandbox.book()["state"], len(sandbox.book()["runs"])) == (state, 2)
    assert sandbox.drawn == sandbox.folders()


def test_stack_that_died_is_not_put_back(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(words: Sequence[str]) -> int:
        sandbox.ready = False
        return sandbox.foreground(words)

    sandbox.codes = [2]
    monkeypatch.setattr(command, "run_in_foreground", die)
    assert run(sandbox, **BATCHES)[0] == 2
    assert sandbox.done[-1] == "load"
    assert sandbox.book()["state"] == "failed"


def test_interrupt_while_a_cell_is_deployed_puts_the_stack_back(sandbox: Sandbox) -> None:
    def interrupt(sizes: Sizes) -> None:
        if sizes == TEN:
            raise KeyboardInterrupt

    sandbox.deploying = interrupt
    assert run(sandbox, **BATCHES)[0] == EXIT_INTERRUPTED
    assert sandbox.done[-2:] == [(Flow.CHOREOGRAPHY, AS_DECLARED), "reset"]
    assert (sandbox.book()["state"], len(sandbox.book()["runs"])) == ("interrupted", 1)


def test_second_interrupt_says_what_it_leaves(sandbox: Sandbox) -> None:
    def interrupt(sizes: Sizes) -> None:
        if sizes != ONE:
            raise KeyboardInterrupt

    sandbox.deploying = interrupt
    said = io.StringIO()
    words = {"REPORTS": str(sandbox.reports), **BATCHES}
    with pytest.raises(KeyboardInterrupt):
        command.run(words, Console(file=said, width=200))
    assert "The stack is not put back: make up FLOW=choreography does it" in said.getvalue()
    assert sandbox.book()["state"] == "interrupted"


def test_cell_that_cannot_be_deployed_is_told_after_the_page(sandbox: Sandbox) -> None:
    def refuse(sizes: Sizes) -> None:
        if sizes == TEN:
            raise DeployError("function orders", "Failed", "no memory", "")

    sandbox.deploying = refuse
    with pytest.raises(MatrixError, match="no memory") as failed:
        run(sandbox, **BATCHES)
    assert failed.value.exit_code == EXIT_USAGE
    assert sandbox.done[-2:] == [(Flow.CHOREOGRAPHY, AS_DECLARED), "reset"]
    assert sandbox.book()["state"] == "failed"
    assert sandbox.drawn == sandbox.folders()


def fail_in_the_end(sizes: Sizes) -> None:
    if sizes == AS_DECLARED:
        raise DeployError("function orders", "Failed", "too late", "")


@pytest.mark.parametrize(("code", "state"), [(0, "complete"), (EXIT_INTERRUPTED, "interrupted"), (2, "failed")])
def test_stack_that_cannot_be_put_back_has_its_page_all_the_same(code: int, state: str, sandbox: Sandbox) -> None:
    sandbox.deploying = fail_in_the_end
    sandbox.codes = [0, 0, 0, code]
    said = io.StringIO()
    with pytest.raises(MatrixError, match="too late"):
        command.run({"REPORTS": str(sandbox.reports), **BATCHES}, Console(file=said, width=200))
    assert "The stack is not put back: make up FLOW=choreography does it" in said.getvalue()
    assert (sandbox.book()["state"], len(sandbox.book()["runs"])) == (state, 4)
    assert sandbox.drawn == sandbox.folders()


def test_first_of_two_failures_is_raised_and_the_second_told(sandbox: Sandbox) -> None:
    def fail(sizes: Sizes) -> None:
        fail_in_the_end(sizes)
        if sizes == TEN:
            raise DeployError("function orders", "Failed", "no memory", "")

    sandbox.deploying = fail
    said = io.StringIO()
    with pytest.raises(MatrixError, match="no memory"):
        command.run({"REPORTS": str(sandbox.reports), **BATCHES}, Console(file=said, width=200))
    assert "too late" in said.getvalue()
    assert sandbox.drawn == sandbox.folders()


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), RuntimeError("a mistake of ours")])
def test_stack_is_put_back_whatever_went_wrong(
    failure: Exception, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(notes: Book, *of_the_run: Any) -> None:
        raise failure

    monkeypatch.setattr(Book, "enter", fail)
    with pytest.raises((MatrixError, RuntimeError), match=str(failure.args[-1])):
        run(sandbox, **BATCHES)
    assert sandbox.done[-2:] == [(Flow.CHOREOGRAPHY, AS_DECLARED), "reset"]


def test_log_that_is_played_is_seeded_into_each_cell_after_it_was_emptied(sandbox: Sandbox) -> None:
    run(sandbox, **(BATCHES | {"ROUNDS": "1"}), SCENARIO="replay", LOG="orders.csv", FROM="2011-12-01")
    cell = ["reset", {"FROM": "orders.csv"}, "load"]
    one, ten = (Flow.CHOREOGRAPHY, ONE), (Flow.CHOREOGRAPHY, TEN)
    assert sandbox.done == [one, *cell, ten, *cell, (Flow.CHOREOGRAPHY, AS_DECLARED), "reset"]


def test_book_that_cannot_be_written_leaves_no_part_of_it(tmp_path: Path) -> None:
    (tmp_path / "cells.json").mkdir()
    notes = Book(tmp_path, grid.from_environment(BATCHES), "order", Flow.SAGA, "make load-matrix")
    with pytest.raises(OSError, match=r"cells\.json"):
        notes.write("running")
    assert [path.name for path in tmp_path.iterdir()] == ["cells.json"]


def test_matrix_without_a_run_leaves_no_folder(sandbox: Sandbox) -> None:
    sandbox.codes = [3]
    code, said = run(sandbox, **BATCHES)
    assert code == 3
    assert "No run was measured" in said
    assert (sandbox.folders(), sandbox.drawn) == ([], [])


def test_words_of_the_load_are_checked_before_anything_starts(sandbox: Sandbox) -> None:
    sandbox.plan = (2, PLAN)
    assert run(sandbox, **BATCHES, RATE="0")[0] == 2
    with pytest.raises(UsageError, match=r"^FLOW=sage"):
        run(sandbox, FLOW="sage")
    assert (sandbox.done, sandbox.folders()) == ([], [])


def test_two_matrices_of_the_same_second_have_folders_of_their_own(sandbox: Sandbox) -> None:
    for _ in range(3):
        run(sandbox, **(BATCHES | {"ROUNDS": "1"}))
    assert len(sandbox.folders()) == 3
