"""``make load`` and ``make load-ui``: the load harness as a command of its own, on a running sandbox."""

import sys
from collections.abc import Mapping

from rich.console import Console

from sandbox import target as targets
from sandbox import up
from sandbox.foreground import run_in_foreground
from sandbox.paths import REPORTS, ROOT

_OPTIONS = {
    "SCENARIO": "--scenario",
    "RATE": "--rate",
    "USERS": "--users",
    "DURATION": "--duration",
    "WORKERS": "--workers",
    "ARRIVALS": "--arrivals",
    "SEED": "--seed",
    "THINK": "--think",
}
_UI_PORT = 8089


def run(environment: Mapping[str, str], console: Console) -> int:
    """Check the words first, bring the sandbox up where it is needed, then load; the harness's exit code."""
    command = [sys.executable, "-m", "loadtests", *_options(environment)]
    if checked := run_in_foreground([*command, "--check"]):
        return checked
    host = _host(environment, console)
    return run_in_foreground([*command, f"--host={host}", f"--reports={REPORTS}"])


def run_ui(environment: Mapping[str, str], console: Console) -> int:
    """Locust's web UI with the same scenarios, until Ctrl-C."""
    host = _host(environment, console)
    console.print(f"Open http://127.0.0.1:{_UI_PORT} (Ctrl-C ends it)")
    locust = [sys.executable, "-m", "locust", "-f", str(ROOT / "loadtests" / "locustfile.py")]
    return run_in_foreground([*locust, "--web-host=127.0.0.1", f"--web-port={_UI_PORT}", f"--host={host}"])


def _options(environment: Mapping[str, str]) -> list[str]:
    return [f"{option}={environment[name]}" for name, option in _OPTIONS.items() if environment.get(name)]


def _host(environment: Mapping[str, str], console: Console) -> str:
    """``HOST`` as it is, or the sandbox's endpoint, with the sandbox started where it does not run."""
    if host := environment.get("HOST"):
        return host
    target = targets.from_environment(environment)
    if target.engine is not None and not target.engine.is_ready():
        up.bring_up(target, console)
    return target.endpoint
