"""The command line: starts one contender after another, tests it, writes the table."""

from pathlib import Path

import click

from benchmarks import entry
from benchmarks.contenders import CONTENDERS
from benchmarks.entry import FAILED, OK
from benchmarks.errors import ContenderError
from compat import notes, run, table
from sandbox.exclusive import only_one
from sandbox.paths import HOME, ROOT

NAMES = ("loadstack", "stock", "ministack")
_FOLDER = HOME / "compat-run"
_TESTS = ROOT / "tests" / "integration"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--contenders", default=",".join(NAMES), show_default=True, help="With commas between.")
@click.option("--only", default="", help="Test files, such as test_cart.py, with commas between.  [default: all]")
@click.option(
    "--limit", type=click.FloatRange(min=0, min_open=True), default=30.0, show_default=True, help="Minutes each."
)
@click.option("--again", is_flag=True, help="Forget what was run before, rather than going on after it.")
@click.option("--results", type=click.Path(path_type=Path), default=ROOT / "reports" / "compat")
@click.option("--page", type=click.Path(path_type=Path, exists=True), default=ROOT / "docs" / "endpoints.md")
def command(contenders: str, only: str, limit: float, again: bool, results: Path, page: Path) -> int:
    """Run tests/integration on this engine, stock LocalStack and ministack, and write the table of docs/endpoints.md.

    Exit code 0: all was run, whatever passed. 1: a contender did not start, or its time was over (the same command goes
    on from there). 2: a bad option. 130: interrupted.
    """
    names, tests = _chosen(contenders), _tests(only)
    results.mkdir(parents=True, exist_ok=True)
    files = [results / f"{name}.jsonl" for name in names]
    tree, complete = notes.tree(ROOT), True
    with only_one(HOME / "compat.lock", "Another comparison is running; waiting for it …"):
        entry.clear(_FOLDER)
        try:
            for file in files:
                notes.forget(file, tests, None if again else tree)
            for name, file in zip(names, files, strict=True):
                complete &= _one(name, file, tests, limit, tree)
        finally:
            entry.clear(_FOLDER)
    if complete:  # of all that were asked for: until then the same command goes on with those that were not
        for file in files:
            notes.finish(file, tests)
    titles = {name: CONTENDERS[name].title for name in NAMES}
    table.insert(page, table.markdown(table.load(results, titles)))
    click.echo(f"table   {page}")
    return OK if complete else FAILED


def _one(name: str, results: Path, tests: list[str], limit: float, tree: str) -> bool:
    """Test one contender and say how it went; whether all was run."""
    noted = len(notes.of(notes.read(results), tests))
    click.echo(f"{name}: {CONTENDERS[name].title}, {noted} of its tests noted before")
    try:
        finished = run.execute(CONTENDERS[name], _FOLDER, run.Wanted(results, tree, tests, limit * 60))
    except ContenderError as error:
        click.echo(f"error: {name}: {error}", err=True)
        return False
    for line in table.failures(notes.of(notes.read(results), tests)):
        click.echo(f"  {line}")
    if not finished:
        click.echo(f"{name}: not all was run in {limit:g} minutes; the same command goes on from there", err=True)
    return finished


def _chosen(contenders: str) -> list[str]:
    names = [name for name in contenders.split(",") if name]
    if unknown := sorted(set(names) - set(NAMES)):
        raise click.UsageError(f"CONTENDERS={','.join(unknown)} is unknown; there are {', '.join(NAMES)}.")
    return names


def _tests(only: str) -> list[str]:
    """By their node ids, which go from the root."""
    names = [name for name in only.split(",") if name]
    for name in names:
        if not (_TESTS / name).is_file():
            raise click.UsageError(f"ONLY={name} is no file of {_TESTS.relative_to(ROOT)}.")
    folder = _TESTS.relative_to(ROOT).as_posix()
    return [f"{folder}/{name}" for name in names] or [folder]


def main() -> None:
    """Entry point of ``python -m compat``."""
    entry.main(command, "Interrupted; what was run is noted, and the same command goes on from there.")
