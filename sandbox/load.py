"""``make load`` and ``make load-ui``: the load harness as a command of its own, on a running sandbox."""

import sys
from collections.abc import Mapping
from urllib.parse import urlsplit

from rich.console import Console

from sandbox import preflight, seed, up
from sandbox import target as targets
from sandbox.errors import UsageError
from sandbox.foreground import run_in_foreground
from sandbox.own_stack import record
from sandbox.paths import REPORTS, ROOT, RUN

_ADDRESSES = ("HOST", "ENDPOINT")
_LOAD = (
    "SCENARIO",
    "RATE",
    "RATE_MAX",
    "PRECISION",
    "ARRIVALS",
    "SEED",
    "USERS",
    "THINK",
    "DURATION",
    "WARMUP",
    "DRAIN",
)
_LOG = ("LOG", "SPEED", "FROM", "TO")
_REPLAY = "replay"
_FLEET = ("WORKERS", "MASTER")
WORDS = (*_LOAD, *_LOG, *_FLEET, "SLO", "ALLOW_REMOTE", *_ADDRESSES)
LOCUST = (sys.executable, "-m", "locust", "-f", str(ROOT / "loadtests" / "locustfile.py"))
_CELLS = ("MEMORY", "BATCH")
_UI_WORDS = ("SCENARIO", "RATE", "ARRIVALS", "USERS", "THINK", "WORKERS", "ALLOW_REMOTE", *_ADDRESSES)


def run(environment: Mapping[str, str], console: Console) -> int:
    """Check the words first, bring the sandbox up where it is needed, then load; the harness's exit code."""
    _check_stack(environment)
    harness = command(environment, environment.get("REPORTS") or str(REPORTS))
    if checked := run_in_foreground([*harness, "--check"]):
        return checked
    return run_in_foreground([*harness, *_sandbox(environment, console)])


def command(environment: Mapping[str, str], reports: str) -> list[str]:
    """The harness with the words of the environment, for a report in that folder."""
    return [sys.executable, "-m", "loadtests", *_options(environment, WORDS), f"--reports={reports}"]


def run_ui(environment: Mapping[str, str], console: Console) -> int:
    """Locust's web UI with the same scenarios, until Ctrl-C."""
    _check_stack(environment)
    port = preflight.ui_port(environment)
    if checked := check_ui(environment):
        return checked
    host = environment.get("HOST") or environment.get("ENDPOINT") or _bring_up(environment, console).endpoint
    console.print(f"Open http://127.0.0.1:{port} (Ctrl-C ends it)")
    page = ["--web-host=127.0.0.1", f"--web-port={port}", f"--host={host}", *page_options(environment)]
    workers = _workers(environment)
    processes = [f"--processes={workers}"] if workers > 1 else []
    return run_in_foreground([*LOCUST, *page, *processes])


def check_ui(environment: Mapping[str, str], *more: str) -> int:
    """Whether the words that Locust's page takes are right; the harness says what is not, and with which exit code."""
    return run_in_foreground(
        [sys.executable, "-m", "loadtests", *_options(environment, _UI_WORDS), *more, "--check", "--page"]
    )


def page_options(environment: Mapping[str, str]) -> list[str]:
    """What stands on Locust's page at first. There the rate is each user's: a user for each process shares it out."""
    workers = _workers(environment)
    options = _options(environment, ("SCENARIO", "ARRIVALS", "USERS", "THINK"))
    if rate := environment.get("RATE"):
        options += [f"--rate={float(rate) / workers}", f"--users={workers}"]
    if environment.get("ALLOW_REMOTE") == "yes":
        options.append("--allow-remote")
    if environment.get("HOST"):
        options += _options(environment, ("ENDPOINT",))
    return options


def _workers(environment: Mapping[str, str]) -> int:
    return int(environment.get("WORKERS") or 1)


def _options(environment: Mapping[str, str], words: tuple[str, ...]) -> list[str]:
    """``RATE`` becomes ``--rate=…``, where it says anything."""
    given = {word: environment[word] for word in words if environment.get(word)}
    return [f"--{word.lower().replace('_', '-')}={value}" for word, value in given.items()]


def _sandbox(environment: Mapping[str, str], console: Console) -> list[str]:
    """The port of the sandbox, unless the words name another address; it is filled first."""
    if any(environment.get(word) for word in _ADDRESSES):
        return []
    target = _bring_up(environment, console)
    fill(target, environment, console)
    return [f"--port={urlsplit(target.endpoint).port}"]


def fill(target: targets.Target, environment: Mapping[str, str], console: Console) -> None:
    """Seed what a log to be played needs, beside what there is; nothing for any other scenario."""
    if environment.get("SCENARIO") == _REPLAY:
        seed.run(target, {"FROM": environment["LOG"]}, console)


def _bring_up(environment: Mapping[str, str], console: Console) -> targets.Target:
    """The sandbox, which is started where it does not run."""
    record.require_shop(RUN, environment)
    target = targets.from_environment(environment, starts=True)
    asked = preflight.flow(environment)
    # Also where the stack says that it has this flow: it says so before the last of its functions goes by it.
    if target.engine is not None and (asked or not target.engine.is_ready()):
        up.bring_up(target, console, asked)
    return target


def _check_stack(environment: Mapping[str, str]) -> None:
    """Raises UsageError for sizes, which the stack keeps, for a FLOW that is none, and for one that a stack of somebody
    else's is to have.
    """
    for word in _CELLS:
        if value := environment.get(word):
            raise UsageError(
                f"{word}={value} is for make load-matrix, which deploys it; here it changes nothing: leave it out."
            )
    asked = preflight.flow(environment)
    if asked and (address := next((word for word in _ADDRESSES if environment.get(word)), None)):
        raise UsageError(
            f"FLOW={asked} is for this checkout's sandbox: what {address} names has the flow that it was made with. "
            "Leave one of them out; the report says which flow it was."
        )
