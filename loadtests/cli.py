"""The command line: reads and checks everything, runs, writes the report, prints the summary, sets the exit
code.
"""

from __future__ import annotations

import logging
import sys
import traceback
from pathlib import Path
from typing import Final, cast

import click
from rich.console import Console

from loadtests import exit_codes, scenarios, slo
from loadtests.arrivals.schedule import PATTERNS, Pattern
from loadtests.errors import LoadtestError, UsageError
from loadtests.plan import DEFAULT_RATE, Plan, check, parse_duration

DEFAULT_HOST: Final = "http://127.0.0.1:4566"


class Seconds(click.ParamType):
    """A duration on the command line: `60`, `60s`, `2m`."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return seconds, or fail naming the option."""
        if isinstance(value, int | float):
            return float(value)
        try:
            return parse_duration(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--scenario", default="order", show_default=True, help="What an iteration does.")
@click.option("--rate", type=float, help=f"Open model: arrivals a second.  [default: {DEFAULT_RATE:g}]")
@click.option("--arrivals", default="even", show_default=True, help=f"How they are spaced: {' or '.join(PATTERNS)}.")
@click.option(
    "--seed", type=int, default=1, show_default=True, help="Of a Poisson process; the same one, the same arrivals."
)
@click.option("--users", type=int, help="Closed model instead: this many users in a loop.")
@click.option(
    "--think", type=Seconds(), default="0s", show_default=True, help="A user's pause between iterations, on average."
)
@click.option("--duration", type=Seconds(), default="60s", show_default=True, help="The measured window.")
@click.option(
    "--warmup",
    type=Seconds(),
    default="2s",
    show_default=True,
    help="The same load before it, reported apart.",
)
@click.option(
    "--drain",
    type=Seconds(),
    default="30s",
    show_default=True,
    help="The longest wait for orders under way at the end.",
)
@click.option("--workers", type=int, default=1, show_default=True, help="Load generating processes.")
@click.option("--host", default=DEFAULT_HOST, show_default=True, help="The AWS endpoint.")
@click.option(
    "--reports",
    type=click.Path(path_type=Path),
    default=Path("reports"),
    show_default=True,
    help="Where the report goes.",
)
@click.option("--slos", type=click.Path(path_type=Path), help="A TOML file with other SLOs than loadtests/slos.toml.")
@click.option("--engine", help="What to call the engine in the report, instead of what it says itself.")
@click.option("--check", "check_only", is_flag=True, help="Check the options and the SLOs, start nothing.")
def command(
    scenario: str,
    rate: float | None,
    arrivals: str,
    seed: int,
    users: int | None,
    think: float,
    duration: float,
    warmup: float,
    drain: float,
    workers: int,
    host: str,
    reports: Path,
    slos: Path | None,
    engine: str | None,
    check_only: bool,
) -> int:
    """Run one load scenario against the shop and judge it by its SLOs.

    Exit code 0: all SLOs hold. 1: one does not. 2: a bad option, or the stack is not there. 130: interrupted.
    """
    if rate is None and users is None:
        rate = DEFAULT_RATE
    scenarios.check(scenario)
    rules = slo.load(scenario, slos)
    plan = check(
        Plan(
            scenario=scenario,
            host=host.rstrip("/"),
            rate=rate,
            users=users,
            duration_s=duration,
            warmup_s=warmup,
            drain_s=drain,
            workers=workers,
            engine=engine,
            arrivals=cast("Pattern", arrivals),
            think_s=think,
            seed=seed,
        )
    )
    if check_only:
        return exit_codes.OK
    check_reports(reports)
    return run_and_report(plan, rules, reports)


def run_and_report(plan: Plan, rules: list[slo.Rule], reports: Path) -> int:
    """Run a checked plan, write its report, print it; return the exit code."""
    from loadtests.run import execute  # first of all that touches the network: it patches for gevent

    console = Console(stderr=False)
    result = execute(plan, lambda line: console.print(f"[dim]{line}[/dim]", highlight=False, soft_wrap=True))

    from loadtests import console as terminal
    from loadtests import report, summary

    figures = summary.build(result, rules)
    folder = report.write(result, figures, reports)
    terminal.show(console, figures, folder)
    if result.state == "interrupted":
        return exit_codes.INTERRUPTED
    return exit_codes.OK if summary.passed(figures) else exit_codes.SLO_FAILED


def check_reports(reports: Path) -> None:
    """Make sure that a report can be written before an hour of load, not after. Raises UsageError."""
    latest = reports / "latest"
    try:
        reports.mkdir(parents=True, exist_ok=True)
        probe = reports / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise UsageError(f"--reports {reports}: cannot write there: {error}") from error
    if latest.exists() and not latest.is_symlink():
        raise UsageError(f"{latest} is in the way: it should be a link to the newest report; move it")


def main() -> None:
    """Entry point of `python -m loadtests`. Never exits with 1 for anything but a failed SLO."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        code = command.main(standalone_mode=False)
    except LoadtestError as error:
        click.echo(f"Error: {error}", err=True)
        code = exit_codes.USAGE_OR_SETUP
    except click.ClickException as error:
        error.show()
        code = exit_codes.USAGE_OR_SETUP
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted; no report was written", err=True)
        code = exit_codes.INTERRUPTED
    except Exception:
        traceback.print_exc()
        code = exit_codes.USAGE_OR_SETUP
    sys.exit(code)
