"""``make status``: the engine, what exists of the stack, queue depths, function pools."""

from typing import Any

import requests
from rich.console import Console
from rich.table import Table

from bootstrap import describe
from bootstrap.clients import Clients
from bootstrap.shop import SHOP
from sandbox.dead_letters.homes import homes
from sandbox.errors import EXIT_FAILED, EXIT_OK, NotRunningError
from sandbox.target import Target

_TIMEOUT_S = 5


def run(target: Target, console: Console) -> int:
    """Exit code 0: everything is there; 1: parts of the stack are missing. Raises NotRunningError."""
    target.require_running()
    health = _get(target, "/_loadstack/health")
    functions = _get(target, "/_loadstack/functions") or {}
    clients = Clients(target.endpoint)
    _print_engine(target, health, console)
    missing = describe.missing(clients, SHOP)
    console.print(f"Stack    {len(SHOP.resources) - len(missing)} of {len(SHOP.resources)} resources")
    for ref in missing:
        console.print(f"         [red]missing[/] {ref}")
    _print_queues(describe.queue_depths(clients, SHOP), console)
    _print_functions(functions, console)
    if missing:
        console.print("[red]Not complete[/]: make up creates what is missing.")
        return EXIT_FAILED
    console.print("[green]Ready[/]")
    return EXIT_OK


def _print_engine(target: Target, health: dict[str, Any] | None, console: Console) -> None:
    if health is None:
        console.print(f"Engine   {target.endpoint} (not one of ours)")
        return
    services = health["services"]
    failed = sorted(name for name, state in services.items() if state != "running")
    console.print(
        f"Engine   {target.endpoint}, LocalStack {health['localstack']}, engine {health['engine']}\n"
        f"Services {len(services) - len(failed)} running{': not ' + ', '.join(failed) if failed else ''}"
    )
    if target.engine:
        console.print(f"Log      {target.engine.log}")
    for notice in health.get("notices", []):
        console.print(f"[yellow]Notice[/]   {notice['at']} {notice['message']}")


def _print_queues(depths: Any, console: Console) -> None:
    table = Table("queue", box=None, header_style="bold")
    for column in ("visible", "in flight", "delayed"):
        table.add_column(column, justify="right")
    dead_letter_queues = homes(SHOP)
    for name, depth in sorted(depths.items()):
        style = "red" if name in dead_letter_queues and depth.total else None
        table.add_row(name, str(depth.visible), str(depth.in_flight), str(depth.delayed), style=style)
    console.print(table)
    if dead := [f"{name} {depths[name].total}" for name in dead_letter_queues if name in depths and depths[name].total]:
        console.print(f"[red]Dead letters[/]: {', '.join(dead)}; make dlq tells why")


def _print_functions(functions: dict[str, Any], console: Console) -> None:
    table = Table(box=None, header_style="bold")
    table.add_column("function", no_wrap=True, min_width=max(map(len, functions), default=0))
    columns = {
        "invocations": "invoked",
        "errors": "errors",
        "throttles": "throttles",
        "cold_starts": "cold",
        "environments": "warm",
        "p50_ms": "p50 ms",
        "p99_ms": "p99 ms",
    }
    for title in columns.values():
        table.add_column(title, justify="right")
    for name, figures in functions.items():
        table.add_row(name, *(_text(figures.get(key)) for key in columns))
    console.print(table)


def _text(value: object) -> str:
    return "-" if value is None else f"{value:.1f}" if isinstance(value, float) else str(value)


def _get(target: Target, path: str) -> dict[str, Any] | None:
    """The engine's own routes; None where another endpoint does not have them.

    Raises:
        NotRunningError: nobody answers.
    """
    try:
        with requests.Session() as session:
            session.trust_env = False  # a proxy of the user's is for the way out, not for the loopback
            answer = session.get(f"{target.endpoint}{path}", timeout=_TIMEOUT_S)
        content: dict[str, Any] = answer.json()
        return content if answer.ok else None
    except requests.JSONDecodeError:
        return None
    except requests.RequestException as error:
        raise NotRunningError(f"Nothing answers at {target.endpoint} ({type(error).__name__}).") from error
