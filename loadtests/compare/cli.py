"""The command line of `make load-compare`."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Final

import click

from loadtests import entry, exit_codes, report_folder
from loadtests.compare import alike
from loadtests.compare import reports as read_reports
from loadtests.errors import SetupError, UsageError
from loadtests.held_signals import held_signals
from loadtests.options import Setting
from loadtests.screen import Output, relative

_PATH: Final = click.Path(path_type=Path)
MOST: Final = 100.0


def parse_tolerance(text: str) -> float:
    """0.1 of `10%` or `10`. Raises ValueError for anything but a number."""
    return float(text.removesuffix("%").rstrip()) / 100


TOLERANCE: Final = Setting("tolerance", parse_tolerance, "percent, such as 10% or 5")


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--a", "before", default="", help="The reports of the runs before, separated by spaces.")
@click.option("--b", "after", default="", help="The reports of the runs after.")
@click.option("--tolerance", type=TOLERANCE, default="10%", show_default=True, help="Changes up to it do not count.")
@click.option("--reports", type=_PATH, default=Path("reports"), show_default=True, help="Where the comparison goes.")
def command(before: str, after: str, tolerance: float, reports: Path) -> int:
    """Compare runs: which percentiles, rates and costs changed, and is it more than chance.

    Exit code 0: nothing that decides got worse beyond the tolerance. 1: something did. 2: a report that is none, is not
    whole, or is of another load. 130: interrupted.
    """
    if not 0 < tolerance <= MOST / 100 or not math.isfinite(tolerance):
        raise UsageError(f"TOLERANCE={tolerance * 100:g}% is out of bounds: above 0, at most {MOST:g}%")
    sides = [(word, read_reports.named(word, text, reports)) for word, text in (("A", before), ("B", after))]
    a, b = ([read_reports.read(word, folder) for folder in folders] for word, folders in sides)
    alike.require_alike(a, b)
    report_folder.check(reports, create=True)

    from loadtests import history
    from loadtests.compare import folder, result, text

    comparison = result.compare(a, b, tolerance)
    console = Output()
    with held_signals(_say) as signals:
        try:
            written = folder.write(comparison, reports)
        except OSError as error:
            raise SetupError(f"the comparison could not be written to {reports}: {error}") from error
        history.rewrite(reports, _say)
    text.show(console, comparison, relative(written / "index.html"))
    if signals:
        return exit_codes.INTERRUPTED
    return exit_codes.SLO_FAILED if comparison.verdict["word"] == "worse" else exit_codes.OK


def _say(line: str) -> None:
    click.echo(line, err=True)


def main() -> None:
    """Entry point of `python -m loadtests.compare`."""
    entry.run(command, "Interrupted: no comparison was written.")
