"""``make load-matrix``: the same load on each cell of a grid, round by round, and a page that compares them.

States: *checked* (words, rules, folder), nothing was started; *running*: each cell is deployed in place, emptied,
loaded; *putting back*: the stack as it was, also after an interrupt or a failure; *drawn*: the page of what was
measured until then.
"""

import json
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from rich.console import Console

from bootstrap.errors import BootstrapError
from sandbox import load
from sandbox import target as targets
from sandbox.errors import EXIT_FAILED, EXIT_INTERRUPTED, EXIT_OK, EXIT_USAGE, SandboxError
from sandbox.exclusive import only_one
from sandbox.foreground import run_in_foreground
from sandbox.matrix import book, grid
from sandbox.matrix.book import Book
from sandbox.matrix.cells import Deployed
from sandbox.matrix.grid import Grid
from sandbox.own_stack import record
from sandbox.paths import REPORTS, ROOT, RUN

_LOADED = (0, 1)
"""The harness's exit codes of a whole run: its rules hold, or one does not, which is a result like any other."""

_WARMUP_S = 10.0
_BETWEEN_S = 15.0  # to deploy a cell, to empty the stack, to start the harness and to write a report, on two cores


class MatrixError(SandboxError):
    """Not all was measured, or the stack was not put back. Its exit code is what the harness has for that: with 1, a
    run of it breaks a rule.
    """

    exit_code = EXIT_USAGE


@dataclass(frozen=True, slots=True)
class Length:
    """What one run takes, in seconds: usually, and at most; `warmup_s` of it warm the stack up."""

    warmup_s: float
    usual_s: float
    longest_s: float

    def told(self, chosen: Grid) -> str:
        usual, longest = (_minutes(chosen.runs * (each + _BETWEEN_S)) for each in (self.usual_s, self.longest_s))
        rounds = "1 round" if chosen.rounds == 1 else f"{chosen.rounds} rounds"
        return (
            f"{len(chosen.cells)} cells, {rounds}: {chosen.runs} runs of {_minutes(self.usual_s)}. "
            f"All in all about {usual}; at most {longest}, where orders have to be waited for. "
            "Ctrl-C ends it, and puts the stack back."
        )


def run(environment: Mapping[str, str], console: Console) -> int:
    """Check everything, then run the grid; 0 when all of it was measured, whatever the SLOs say.

    Raises:
        UsageError: a word is wrong, the grid is too small or too large, or the sandbox does not run the shop.
        MatrixError: not all of it was measured, or the stack could not be put back.
    """
    chosen = grid.from_environment(environment)
    record.require_shop(RUN, environment)
    words = {word: value for word, value in environment.items() if word not in ("FLOW", "ROUNDS")}
    reports = ROOT / (environment.get("REPORTS") or REPORTS)
    checked = _checked(words, reports)
    if isinstance(checked, int):
        return checked
    console.print(checked.told(chosen))
    if not environment.get("WARMUP"):
        words["WARMUP"] = f"{checked.warmup_s:.12g}"
    try:
        return _run(chosen, words, reports, console)
    except (SandboxError, BootstrapError, OSError) as error:
        raise MatrixError(str(error)) from error


def _run(chosen: Grid, words: Mapping[str, str], reports: Path, console: Console) -> int:
    target = targets.from_environment(words, starts=True)
    with only_one(RUN / "matrix.lock", "Another make load-matrix of this checkout runs; waiting for it …"):
        deployed = Deployed.of(target, console)
        notes = Book(
            book.new_folder(reports), chosen, words.get("SCENARIO") or "order", deployed.flow, _repeat(chosen, words)
        )
        return _Matrix(words, notes, deployed, console).run()


def _checked(words: Mapping[str, str], reports: Path) -> Length | int:
    """The length of a run, or the exit code of the harness that has said what is wrong."""
    asked = [*load.command(words, str(reports)), "--show-plan"]
    answer = subprocess.run(asked, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if answer.returncode:
        return answer.returncode
    plan = json.loads(answer.stdout)
    warmup_s, (usual_s, longest_s) = plan["warmup_s"], plan["takes_s"]
    # A cell's functions may be new, and those of the cell before were not: all shall have started by then. Not where a
    # warm-up would change what is measured, nor where each step of a search has one.
    short = 0 < warmup_s < _WARMUP_S and plan["rate_max"] is None and not words.get("WARMUP")
    more_s = _WARMUP_S - warmup_s if short else 0.0
    return Length(warmup_s + more_s, usual_s + more_s, longest_s + more_s)


class _Matrix:
    """One grid on its way; see the module for its states."""

    def __init__(self, words: Mapping[str, str], notes: Book, deployed: Deployed, console: Console) -> None:
        self._words = words
        self._notes = notes
        self._deployed = deployed
        self._console = console
        self._state = "failed"
        self._code = EXIT_FAILED

    def run(self) -> int:
        """Measure, put back, draw: each whatever became of what went before. What failed first is raised in the end,
        what failed after it is told.
        """
        failures: list[BaseException] = []
        for step in (self._measure, self._put_back, self._draw):
            try:
                step()
            except BaseException as failure:
                failures.append(failure)
        for later in failures[1:]:
            why = str(later) or type(later).__name__
            self._console.print(f"This failed as well: {why}", markup=False)
        if failures:
            raise failures[0]
        return self._code

    def _measure(self) -> None:
        """Every run, in the grid's order, until one does not come to its end."""
        try:
            self._code = self._rounds()
        except KeyboardInterrupt:
            self._code = EXIT_INTERRUPTED
        self._state = {EXIT_OK: "complete", EXIT_INTERRUPTED: "interrupted"}.get(self._code, "failed")
        self._notes.write(self._state)

    def _rounds(self) -> int:
        """The exit code of the first run that did not come to its end, else 0."""
        notes = self._notes
        notes.write("running")
        for number, (round_number, cell) in enumerate(notes.grid.order(), start=1):
            name = notes.grid.cells[cell]
            self._console.print(f"\n[bold]{number} of {notes.grid.runs}[/]  {name}")
            with self._console.status(f"Deploying {name}"):
                self._deployed.become(name)
                load.fill(self._deployed.target, self._words, Console(quiet=True))
            before = notes.newest()
            code = self._load()
            notes.enter(round_number, cell, before)
            if code not in _LOADED:
                return code
        return EXIT_OK

    def _load(self) -> int:
        port = urlsplit(self._deployed.target.endpoint).port
        return run_in_foreground([*load.command(self._words, str(self._notes.reports)), f"--port={port}"])

    def _put_back(self) -> None:
        """Raises what comes in between, also a second interrupt, after it has said what that leaves."""
        try:
            with self._console.status("Putting the stack back"):
                self._deployed.put_back()
        except BaseException:
            self._console.print(
                f"The stack is not put back: make up FLOW={self._deployed.flow} does it, and make reset empties it."
            )
            raise

    def _draw(self) -> None:
        """The page of what was measured; without a run no folder is left."""
        if not self._notes.runs:
            self._notes.discard()
            self._console.print("No run was measured, so there is no page.")
            return
        self._notes.write(self._state)
        drawn = run_in_foreground([sys.executable, "-m", "loadtests.matrix", str(self._notes.folder)])
        self._code = self._code or drawn


def _repeat(chosen: Grid, words: Mapping[str, str]) -> str:
    """The command that makes the same matrix again."""
    given = {word: words[word] for word in (*load.WORDS, "PORT", "REPORTS") if words.get(word)}
    settings = {**chosen.words, "ROUNDS": str(chosen.rounds), **given}
    return " ".join(["make load-matrix", *(f"{word}={shlex.quote(value)}" for word, value in settings.items())])


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
