"""``make status``: the engine, what exists of the stack, queue depths, function pools."""

from collections.abc import Collection
from typing import Any

import requests
from rich.console import Console
from rich.table import Table

from bootstrap import describe
from bootstrap.clients import Clients
from bootstrap.observed import Observed
from bootstrap.shop_gateway import PAYMENTS, StripeGateway, with_gateway
from bootstrap.template import stacks
from bootstrap.ways import Way
from sandbox import flows, gateways, ways
from sandbox.counted import counted
from sandbox.dead_letters.homes import homes
from sandbox.errors import EXIT_FAILED, EXIT_OK
from sandbox.target import Target, nothing_answers

_TIMEOUT_S = 5


def run(target: Target, console: Console) -> int:
    """Exit code 0: everything is there, though alarms may be in ALARM and letters dead; 1: parts of the stack are
    missing. Raises NotRunningError.
    """
    target.require_running()
    health = fetch(target, "/_loadstack/health")
    functions = fetch(target, "/_loadstack/functions") or {}
    clients = Clients(target.endpoint)
    print_engine(target, health, console)
    flow = flows.of(clients)
    gateway = gateways.running(clients)
    stack = with_gateway(flows.stack_of(flow), gateway)
    missing = describe.missing(clients, stack)
    console.print(f"Stack    {len(stack.resources) - len(missing)} of {len(stack.resources)} resources")
    console.print(f"Flow     {flow or 'unknown'}")
    if ways.of(clients) is Way.TEMPLATE:
        made = stacks.describe(clients, ways.STACK) or {"StackStatus": "gone"}
        console.print(f"Deploy   template: CloudFormation's stack {ways.STACK}, {made['StackStatus']}")
    if PAYMENTS not in missing:
        console.print(f"Payments {provider(gateway)}")
    for ref in missing:
        console.print(f"         [red]missing[/] {ref}")
    alarms = _print_alarms(clients, console)
    filled = flows.with_others_letters(stack, Observed(clients).queues())
    letters = _print_queues(describe.queue_depths(clients, filled), homes(filled), console)
    print_functions(functions, console)
    if missing:
        console.print("[red]Not complete[/]: make up creates what is missing.")
        return EXIT_FAILED
    console.print(verdict(alarms, letters))
    return EXIT_OK


def provider(gateway: StripeGateway | None) -> str:
    """Who takes the money, and how to have another do it: a later `make up` keeps it."""
    if gateway is None:
        return "simulated"
    return f"stripe at {gateway.base} [dim](make up PAYMENT_PROVIDER=simulated changes it)[/]"


def verdict(alarms: int, letters: int) -> str:
    """What to say of a stack that is complete, with so many alarms in ALARM and dead letters."""
    wrong = [counted(count, what) for count, what in ((alarms, "alarm"), (letters, "dead letter")) if count]
    return f"[yellow]Ready, with {' and '.join(wrong)}[/]" if wrong else "[green]Ready[/]"


def print_engine(target: Target, health: dict[str, Any] | None, console: Console) -> None:
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
        console.print(f"Log      {target.engine.where_log}")
    for notice in health.get("notices", []):
        console.print(f"[yellow]Notice[/]   {notice['at']} {notice['message']}")


def _print_alarms(clients: Clients, console: Console) -> int:
    """In one line; how many are in ALARM. An alarm that was never evaluated is neither."""
    states = {name: found["StateValue"] for name, found in Observed(clients).alarms().items()}
    fired = sorted(name for name, state in states.items() if state == "ALARM")
    if fired:
        console.print(f"[red]Alarms[/]   {len(fired)} of {len(states)} in ALARM: {', '.join(fired)}")
    else:
        console.print(f"Alarms   none of {len(states)} in ALARM")
    return len(fired)


def _print_queues(depths: Any, dead_letter_queues: Collection[str], console: Console) -> int:
    """How many dead letters there are."""
    table = Table("queue", box=None, header_style="bold")
    for column in ("visible", "in flight", "delayed"):
        table.add_column(column, justify="right")
    for name, depth in sorted(depths.items()):
        style = "red" if name in dead_letter_queues and depth.total else None
        table.add_row(name, str(depth.visible), str(depth.in_flight), str(depth.delayed), style=style)
    console.print(table)
    dead = {name: depths[name].total for name in dead_letter_queues if name in depths and depths[name].total}
    if dead:
        named = ", ".join(f"{name} {total}" for name, total in dead.items())
        console.print(f"[red]Dead letters[/]: {named}; make dlq tells why")
    return sum(dead.values())


def print_functions(functions: dict[str, Any], console: Console) -> None:
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


def fetch(target: Target, path: str) -> dict[str, Any] | None:
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
        raise nothing_answers(target.endpoint, error) from error
