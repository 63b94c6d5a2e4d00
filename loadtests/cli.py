"""The command line: reads and checks everything, runs, writes the report, prints the summary, sets the exit
code.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import click
from rich.text import Text

from loadtests import address, entry, exit_codes, report_folder, scenarios, slo, takes
from loadtests import master as masters
from loadtests.arrivals.schedule import PATTERNS, Pattern
from loadtests.breakpoint import words as search_words
from loadtests.early_signals import ends_at_once
from loadtests.errors import SetupError
from loadtests.held_signals import held_signals
from loadtests.options import DURATION, NUMBER, PERCENT, TEXT, WHOLE, YES, typed
from loadtests.plan import DRAIN_S, Plan, check
from loadtests.replay import words as replay
from loadtests.screen import Output, Screen, screen

if TYPE_CHECKING:
    from loadtests.result import Result

_PATH: Final = click.Path(path_type=Path)


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--scenario", default="order", show_default=True, help="What an iteration does.")
@click.option("--rate", type=NUMBER, help="Open model: arrivals a second.  [default: the scenario's]")
@click.option("--rate-max", type=NUMBER, help="Of breakpoint: the highest rate to try.  [default: 64 times RATE]")
@click.option("--precision", type=PERCENT, help="Of breakpoint: how far apart kept and broken may be.  [default: 10%]")
@click.option(
    "--arrivals", type=TEXT, default="even", show_default=True, help=f"How they are spaced: {' or '.join(PATTERNS)}."
)
@click.option(
    "--seed",
    type=WHOLE,
    default=1,
    show_default=True,
    help="Of a Poisson process, or of places within a log's minutes: the same, the same arrivals.",
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
@click.option("--log", type=TEXT, help="Of SCENARIO=replay: the order log, in the columns of UCI Online Retail.")
@click.option("--speed", type=NUMBER, default=replay.SPEED, show_default=True, help="Its time, so many times as fast.")
@click.option("--from", "since", type=TEXT, help="Its orders from this date or time on.  [default: all]")
@click.option("--to", "until", type=TEXT, help="Up to this time, or to the end of this date.  [default: all]")
@click.option("--workers", type=WHOLE, default=1, show_default=True, help="Load generating processes.")
@click.option("--master", help="Wait here, ADDRESS:PORT, for workers that others start, instead of starting them.")
@click.option("--host", help=f"The AWS endpoint, or the Shop API's whole address.  [default: {address.DEFAULT_HOST}]")
@click.option("--port", type=WHOLE, help="Of this checkout's sandbox, in the place of HOST.")
@click.option("--endpoint", help="The AWS endpoint beside a HOST that is the Shop API's address.")
@click.option("--allow-remote", type=YES, default="no", help="yes: load also what is not this machine.")
@click.option("--reports", type=_PATH, default=Path("reports"), show_default=True, help="Where the report goes.")
@click.option("--slo", "slo_file", type=_PATH, help="A TOML file with other SLOs than loadtests/slo.toml.")
@click.option("--engine", help="What to call the engine in the report, instead of what it says itself.")
@click.option("--check", "check_only", is_flag=True, help="Check the options and the SLOs, start nothing.")
@click.option("--page", "for_page", is_flag=True, help="Check also that Locust's own page has the scenario.")
@click.option("--show-plan", is_flag=True, help="Check them likewise, and print what they come to, as JSON.")
def command(
    scenario: str,
    rate: float | None,
    rate_max: float | None,
    precision: float | None,
    arrivals: str,
    seed: int,
    users: int | None,
    think: float,
    duration: float | None,
    warmup: float | None,
    drain: float,
    log: str | None,
    speed: float,
    since: str | None,
    until: str | None,
    workers: int,
    master: str | None,
    host: str | None,
    port: int | None,
    endpoint: str | None,
    allow_remote: bool,
    reports: Path,
    slo_file: Path | None,
    engine: str | None,
    check_only: bool,
    for_page: bool,
    show_plan: bool,
) -> int:
    """Run one load scenario against the shop and judge it by its SLOs.

    Exit code 0: all SLOs hold. 1: one does not. 2: a bad option, or the stack is not there, or died. 130: interrupted.
    """
    if for_page:
        scenarios.check_on_page(scenario)
    defaults = scenarios.load(scenario).defaults
    if rate is None and users is None:
        rate, users = defaults.rate, defaults.users
    rules = slo.load(scenario, slo_file)
    if port is not None:
        host = f"http://127.0.0.1:{port}"
    if endpoint:
        address.read("ENDPOINT", endpoint)
    words = typed(click.get_current_context())
    plan = replay.played(
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
            port=port,
            rate_max=rate_max,
            precision=precision,
            log=log,
            speed=speed,
            since=since,
            until=until,
        ),
        words,
    )
    plan = search_words.complete(scenarios.check_load(check(plan, words), words), rules, words)
    address.require_allowed(plan.address, allow_remote)
    if master is not None:
        masters.check(master)
    report_folder.check(reports, create=not (check_only or show_plan))
    if show_plan:
        click.echo(json.dumps(plan.to_json() | {"takes_s": takes.seconds(plan)}))
    return exit_codes.OK if check_only or show_plan else run_and_report(plan, rules, reports)


def run_and_report(plan: Plan, rules: list[slo.Rule], reports: Path) -> int:
    """Run a checked plan, write its report, print it; return the exit code."""
    with ends_at_once():
        from loadtests.run import execute  # isort: skip  (first of all that touches the network: it patches for gevent)
        from loadtests.breakpoint.find import find

    console = Output()
    with screen(console) as words:
        result = execute(plan, words) if plan.rate_max is None else find(plan, rules, words)
        with held_signals(words.say) as signals:
            figures, folder = _report(result, rules, reports)
            listed = _list(reports, folder, words)

    from loadtests import console as terminal

    terminal.show(console, figures, folder)
    if listed is not None:
        console.print(listed, soft_wrap=True)
    return exit_codes.INTERRUPTED if signals else exit_codes.of(figures["verdict"]["word"])


def _report(result: Result, rules: list[slo.Rule], reports: Path) -> tuple[dict[str, Any], Path]:
    """Write the report. Raises SetupError where it cannot be written."""
    from loadtests import report, summary

    figures = summary.build(result, rules)
    try:
        return figures, report.write(result, figures, reports)
    except OSError as error:
        raise SetupError(f"the report could not be written to {reports}: {error}") from error


def _list(reports: Path, folder: Path, screen: Screen) -> Text | None:
    """Have the report in the list of all runs; a line about it, None where that could not be written."""
    from loadtests import history
    from loadtests.history import terminal

    listing = history.rewrite(reports, screen.say)
    return None if listing is None else terminal.line(listing, reports, folder.name)


def main() -> None:
    """Entry point of `python -m loadtests`. Never exits with 1 for anything but a failed SLO."""
    entry.run(command, "Interrupted: no report was written.")
