"""What the command lines of the benchmarks and of the comparison of endpoints share: exit codes, ends, clearing up."""

import shutil
import sys
from pathlib import Path
from typing import NoReturn

import click

from benchmarks import interrupts
from benchmarks.errors import BenchmarkError, UsageError
from sandbox import processes

OK, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130


def main(command: click.Command, interrupted: str) -> NoReturn:
    """Run the command and exit with its code; ``interrupted`` is said where Ctrl-C or SIGTERM ended it."""
    interrupts.listen()
    try:
        code = command.main(standalone_mode=False)
    except BenchmarkError as error:
        click.echo(f"error: {error}", err=True)
        code = USAGE if isinstance(error, UsageError) else FAILED
    except click.ClickException as error:
        click.echo(f"error: {error.format_message()}", err=True)
        code = USAGE
    except (KeyboardInterrupt, click.Abort):
        click.echo(interrupted, err=True)
        code = INTERRUPTED
    sys.exit(code)


def clear(folder: Path) -> None:
    """End what an earlier run left that was killed, and remove its folders."""
    if folder.exists():
        for each in folder.iterdir():
            processes.kill(str(each.resolve()))
        shutil.rmtree(folder, ignore_errors=True)
