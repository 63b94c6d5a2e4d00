"""`python -m loadtests.history`: writes the list of all runs anew, and prints the newest."""

from __future__ import annotations

from loadtests.early_signals import ends_at_once

with ends_at_once():
    from pathlib import Path

    import click

    from loadtests import entry, exit_codes, history
    from loadtests.errors import SetupError, UsageError
    from loadtests.history import terminal
    from loadtests.screen import Output


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option(
    "--reports", type=click.Path(path_type=Path), default=Path("reports"), show_default=True, help="Where they lie."
)
def command(reports: Path) -> int:
    """Write the list of all runs, index.html in the folder of reports, anew. Exit code 2: it cannot be written."""
    if not reports.is_dir():
        raise UsageError(f"REPORTS={reports} is no folder: make load makes it with the first report")
    try:
        listing = history.write(reports)
    except OSError as error:
        raise SetupError(f"{reports / 'index.html'} could not be written: {error.strerror or error}") from error
    terminal.show(Output(highlight=False), listing, reports)
    return exit_codes.OK


if __name__ == "__main__":
    entry.run(command, "Interrupted: the list of runs is as it was.")
