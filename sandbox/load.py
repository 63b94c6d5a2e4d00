"""``make load`` and ``make load-ui``: the load harness as a command of its own, on a running sandbox."""

import sys
from collections.abc import Mapping

from rich.console import Console

from sandbox import preflight, up
from sandbox import target as targets
from sandbox.foreground import run_in_foreground
from sandbox.paths import REPORTS, ROOT

_ADDRESSES = ("HOST", "ENDPOINT")
_LOAD = ("SCENARIO", "RATE", "ARRIVALS", "SEED", "USERS", "THINK", "DURATION", "WARMUP", "DRAIN")
_FLEET = ("WORKERS", "MASTER")
_WORDS = (*_LOAD, *_FLEET, "SLO", "ALLOW_REMOTE", *_ADDRESSES)
_UI_WORDS = ("SCENARIO", "RATE", "ARRIVALS", "USERS", "THINK", "WORKERS", "ALLOW_REMOTE", *_ADDRESSES)


def run(environment: Mapping[str, str], console: Console) -> int:
    """Check the words first, bring the sandbox up where it is needed, then load; the harness's exit code."""
    reports = environment.get("REPORTS") or str(REPORTS)
    command = [sys.executable, "-m", "loadtests", *_options(environment, _WORDS), f"--reports={reports}"]
    if checked := run_in_foreground([*command, "--check"]):
        return checked
    return run_in_foreground([*command, *_sandbox(environment, console)])


def run_ui(environment: Mapping[str, str], console: Console) -> int:
    """Locust's web UI with the same scenarios, until Ctrl-C."""
    port = preflight.ui_port(environment)
    check = [sys.executable, "-m", "loadtests", *_options(environment, _UI_WORDS), "--check"]
    if checked := run_in_foreground(check):
        return checked
    host = environment.get("HOST") or environment.get("ENDPOINT") or _bring_up(environment, console)
    console.print(f"Open http://127.0.0.1:{port} (Ctrl-C ends it)")
    locust = [sys.executable, "-m", "locust", "-f", str(ROOT / "loadtests" / "locustfile.py")]
    page = ["--web-host=127.0.0.1", f"--web-port={port}"]
    return run_in_foreground([*locust, *page, f"--host={host}", *_of_locust(environment)])


def _of_locust(environment: Mapping[str, str]) -> list[str]:
    """What stands on Locust's page at first. There the rate is each user's: a user for each process shares it out."""
    workers = int(environment.get("WORKERS") or 1)
    options = _options(environment, ("SCENARIO", "ARRIVALS", "USERS", "THINK"))
    if rate := environment.get("RATE"):
        options += [f"--rate={float(rate) / workers}", f"--users={workers}"]
    if workers > 1:
        options.append(f"--processes={workers}")
    if environment.get("ALLOW_REMOTE") == "yes":
        options.append("--allow-remote")
    if environment.get("HOST"):
        options += _options(environment, ("ENDPOINT",))
    return options


def _options(environment: Mapping[str, str], words: tuple[str, ...]) -> list[str]:
    """``RATE`` becomes ``--rate=…``, where it says anything."""
    given = {word: environment[word] for word in words if environment.get(word)}
    return [f"--{word.lower().replace('_', '-')}={value}" for word, value in given.items()]


def _sandbox(environment: Mapping[str, str], console: Console) -> list[str]:
    """The address of the sandbox, unless the words name another."""
    if any(environment.get(word) for word in _ADDRESSES):
        return []
    return [f"--host={_bring_up(environment, console)}"]


def _bring_up(environment: Mapping[str, str], console: Console) -> str:
    """The endpoint of the sandbox, which is started where it does not run."""
    target = targets.from_environment(environment)
    if target.engine is not None and not target.engine.is_ready():
        up.bring_up(target, console)
    return target.endpoint
