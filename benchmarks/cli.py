"""The command line: checks everything, measures, writes the report, prints the targets."""

import sys
from pathlib import Path

import click
from rich.console import Console

from benchmarks import entry, interrupts, report, run, terminal
from benchmarks import plan as plans
from benchmarks.entry import FAILED, OK
from sandbox.exclusive import only_one
from sandbox.paths import HOME, ROOT, Installation

_FOLDER = HOME / "bench-run"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--only", help="Scenarios, with commas between.  [default: all]")
@click.option("--contenders", help="Contenders, with commas between.  [default: all]")
@click.option("--rounds", type=int, default=plans.DEFAULT_ROUNDS, show_default=True)
@click.option(
    "--reports", type=click.Path(path_type=Path), default=ROOT / "reports" / "bench", help="Where the report goes."
)
@click.option("--check", "check_only", is_flag=True, help="Check the options, start nothing.")
def command(only: str | None, contenders: str | None, rounds: int, reports: Path, check_only: bool) -> int:
    """Measure this engine beside stock LocalStack, ministack and the bare machine.

    Exit code 0: all was measured, whatever the targets say. 1: a contender could not be measured. 2: a bad option.
    130: interrupted.
    """
    plan = plans.check(only, contenders, rounds)
    if check_only:
        return OK
    console = Console(highlight=False, soft_wrap=True)

    def progress(line: str) -> None:
        console.print(line)
        interrupts.check()

    # Two runs at once would measure each other.
    with only_one(HOME / "bench.lock", "Another benchmark is running; waiting for it …"):
        entry.clear(_FOLDER)
        try:
            result = run.execute(plan, Installation(Path(sys.prefix)), _FOLDER, progress)
        finally:
            entry.clear(_FOLDER)
    summary = report.summary(plan, result)
    report.write(summary, reports)
    terminal.show(console, summary)
    console.print(f"report  {reports / 'index.html'}")
    return FAILED if result.failed else OK


def main() -> None:
    """Entry point of ``python -m benchmarks``."""
    entry.main(command, "Interrupted; no report was written.")
