"""How each command of the harness ends: one line for whatever goes wrong, and the exit code."""

from __future__ import annotations

import logging
import os
import sys
from typing import NoReturn

import click

from loadtests import exit_codes
from loadtests.errors import LoadtestError


def run(command: click.Command, interrupted: str) -> NoReturn:
    """Run the command with the process's arguments, and exit with what it returns.

    2 for every error, told in one line on stderr (`DEBUG=1` raises what nobody expected); 130 for Ctrl-C and
    SIGTERM, where `interrupted` says what was left out.
    """
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        code = command.main(standalone_mode=False)
    except LoadtestError as error:
        code = _fail(str(error))
    except click.ClickException as error:
        code = _fail(error.format_message())
    except (KeyboardInterrupt, click.Abort):
        click.echo(interrupted, err=True)
        code = exit_codes.INTERRUPTED
    except Exception as error:
        if os.environ.get("DEBUG"):
            raise
        code = _fail(f"{type(error).__name__}: {error} ({_innermost(error)}; DEBUG=1 shows the traceback)")
    sys.exit(code)


def _fail(message: str) -> int:
    click.echo(f"{click.style('error:', fg='red')} {' '.join(message.split())}", err=True)
    return exit_codes.USAGE_OR_SETUP


def _innermost(error: BaseException) -> str:
    frame = error.__traceback__
    while frame and frame.tb_next:
        frame = frame.tb_next
    return f"{frame.tb_frame.f_code.co_filename}:{frame.tb_lineno}" if frame else "nowhere"
