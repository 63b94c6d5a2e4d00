"""The command line: reads and checks everything, runs, writes the report, prints the summary, sets the exit
code.
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import click

from loadtests import address, exit_codes, report_folder, scenarios, slo
from loadtests import master as masters
from loadtests.arrivals.schedule import PATTERNS, Pattern
from loadtests.early_signals import ends_at_once
from loadtests.errors import LoadtestError, SetupError
from loadtests.held_signals import held_signals
from loadtests.options import DURATION, NUMBER, WHOLE, YES, typed
from loadtests.plan import DRAIN_S, Plan, check
from loadtests.screen import Output, screen

if TYPE_CHECKING:
    from loadtests.result import Result

_PATH: Final = click.Path(path_type=Path)


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--scenario", default="order", show_default=True, help="What an iteration does.")
@click.option("--rate", type=NUMBER, help="Open model: arrivals a second.  [default: the scenario's]")
@click.option("--arrivals", default="even", show_default=True, help=f"How they are spaced: {' or '.join(PATTERNS)}.")
@click.option(
    "--seed", type=WHOLE, default=1, show_default=True, help="Of a Poisson process: the same, the same arrivals."
)
@click.option("--users", type=WHOLE, help="Closed model instead: this many users in a loop.")
@click.option("--think", type=DURATION, default="0s", show_default=True, help="A user's mean pause between iterations.")
@click.option("--duration", type=DURATION, help="The measured window.  [default: the scenario's]")
@click.option("--warmup", type=DURATION, help="The same load before it.  [default: the scenario's]")
@click.option(
    "--drain",
    type=DURATION,
    default=f"{DRAIN_S:g}s",
    show_default=True,
    help="How long orders are waited for at most.",
)
@click.option("--workers", type=WHOLE, default=1, show_default=True, help="Load generating processes.")
@click.option("--master", help="Wait here, ADDRESS:PORT, for workers that others start, instead of starting them.")
@click.option("--host", help=f"The AWS endpoint, or the Shop API's whole address.  [default: {address.DEFAULT_HOST}]")
@click.option("--endpoint", help="The AWS endpoint beside a HOST that is the Shop API's address.")
@click.option("--allow-remote", type=YES, default="no", help="yes: load also what is not this machine.")
@click.option("--reports", type=_PATH, default=Path("reports"), show_default=True, help="Where the report goes.")
@click.option("--slo", "slo_file", type=_PATH, help="A TOML file with other SLOs than loadtests/slo.toml.")
@click.option("--engine", help="What to call the engine in the report, instead of what it says itself.")
@click.option("--check", "check_only", is_flag=True, help="Check the options and the SLOs, start nothing.")
def command(
    scenario: str,
    rate: float | None,
    arrivals: str,
    seed: int,
    users: int | None,
    think: float,
    duration: float | None,
    warmup: float | None,
    drain: float,
    workers: int,
    master: str | None,
    host: str | None,
    endpoint: str | None,
    allow_remote: bool,
    reports: Path,
    slo_file: Path | None,
    engine: str | None,
    check_only: bool,
) -> int:
    """Run one load scenario against the shop and judge it by its SLOs.

    Exit code 0: all SLOs hold. 1: one does not. 2: a bad option, or the stack is not there, or died. 130: interrupted.
    """
    defaults = scenarios.load(scenario).defaults
    if rate is None and users is None:
        rate, users = defaults.rate, defaults.users
    rules = slo.load(scenario, slo_file)
    if endpoint:
        address.read("ENDPOINT", endpoint)
    words = typed(click.get_current_context())
    plan = check(
        Plan(
            scenario=scenario,
            host=(host or endpoint or address.DEFAULT_HOST).rstrip("/"),
            endpoint=endpoint if host else None,
            rate=rate,
            users=users,
            duration_s=defaults.duration_s if duration is None else duration,
            warmup_s=defaults.warmup_s if warmup is None else warmup,
            drain_s=drain,
            workers=workers,
            engine=engine,
            arrivals=cast("Pattern", arrivals),
            think_s=think,
            seed=seed,
            slo=str(slo_file) if slo_file else None,
            master=master,
        ),
        words,
    )
    scenarios.check_load(plan, words)
    address.require_allowed(plan.address, allow_remote)
    if master is not None:
        masters.check(master)
    report_folder.check(reports, create=not check_only)
    return exit_codes.OK if check_only else run_and_report(plan, rules, reports)


def run_and_report(plan: Plan, rules: list[slo.Rule], reports: Path) -> int:
    """Run a checked plan, write its report, print it; return the exit code."""
    with ends_at_once():
        from loadtests.run import execute  # first of all that touches the network: it patches for gevent

    console = Output()
    with screen(console) as words:
        result = execute(plan, words)
        with held_signals(words.say) as signals:
            figures, folder = _report(result, rules, reports)

    from loadtests import console as terminal

    terminal.show(console, figures, folder)
    return exit_codes.INTERRUPTED if signals else exit_codes.of(figures["verdict"]["word"])


def _report(result: Result, rules: list[slo.Rule], reports: Path) -> tuple[dict[str, Any], Path]:
    """Write the report. Raises SetupError where it cannot be written."""
    from loadtests import report, summary

    figures = summary.build(result, rules)
    try:
        return figures, report.write(result, figures, reports)
    except OSError as error:
        raise SetupError(f"the report could not be written to {reports}: {error}") from error


def main() -> None:
    """Entry point of `python -m loadtests`. Never exits with 1 for anything but a failed SLO."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        code = command.main(standalone_mode=False)
    except LoadtestError as error:
        code = _fail(str(error))
    except click.ClickException as error:
        code = _fail(error.format_message())
    except (KeyboardInterrupt, click.Abort):
        click.echo("Interrupted: no report was written.", err=True)
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
