"""``make status`` and ``make reset`` of a sandbox that runs a user's own stack."""

import time
from typing import Any

import requests
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bootstrap.clients import Clients
from bootstrap.errors import ResetError
from bootstrap.template import stacks
from sandbox import status as shops
from sandbox.counted import counted
from sandbox.errors import EXIT_FAILED, EXIT_OK
from sandbox.own_stack.record import OwnStack
from sandbox.target import Target

_WHOLE = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")
_RESET_TIMEOUT_S = 60


def run(target: Target, own: OwnStack, console: Console) -> int:
    """Exit code 1 where the stack is not there, or not whole. Raises NotRunningError."""
    target.require_running()
    shops.print_engine(target, shops.fetch(target, "/_loadstack/health"), console)
    clients = Clients(target.endpoint)
    console.print(f"Template {escape(own.template)}")
    stack = stacks.describe(clients, own.stack)
    if stack is None:
        console.print(f"Stack    {own.stack} is not there\n[red]Not complete[/]: make up TEMPLATE={own.template}")
        return EXIT_FAILED
    state = stack["StackStatus"]
    resources = clients.cloudformation.describe_stack_resources(StackName=own.stack)["StackResources"]
    console.print(f"Stack    {own.stack}, {state}, {counted(len(resources), 'resource')}")
    for key, value in stacks.outputs_of(stack).items():
        console.print(f"         {key}  {value}", markup=False)
    _print_queues(shops.fetch(target, "/_loadstack/queues") or {}, console)
    shops.print_functions(shops.fetch(target, "/_loadstack/functions") or {}, console)
    console.print(verdict(state, own))
    return EXIT_OK if state in _WHOLE else EXIT_FAILED


def verdict(state: str, own: OwnStack) -> str:
    """What to say of a stack with this status."""
    if state in _WHOLE:
        return "[green]Ready[/]"
    if state.endswith("_IN_PROGRESS") and state != "REVIEW_IN_PROGRESS":  # that one waits for nobody
        return "[yellow]It is being changed[/]: make status again tells how that ends."
    again = "updates it" if state.startswith("UPDATE_") else "makes it anew"
    return f"[red]Not complete[/]: make up TEMPLATE={escape(own.template)} {again}."


def reset(target: Target, console: Console) -> int:
    """All data gone, the stack kept. Raises NotRunningError, ResetError."""
    target.require_running()
    started = time.monotonic()
    with requests.Session() as session:
        session.trust_env = False
        try:
            answer = session.post(f"{target.endpoint}/_loadstack/reset", timeout=_RESET_TIMEOUT_S)
        except requests.RequestException as error:
            raise ResetError(f"The engine did not answer: {error}. make reset again is safe.") from error
    if not answer.ok:
        raise ResetError(f"Not all is empty: {answer.text.strip()}. make reset again is safe.")
    console.print(f"Emptied in {time.monotonic() - started:.1f} s; the stack is as it was.")
    return EXIT_OK


def _print_queues(found: dict[str, Any], console: Console) -> None:
    queues = found.get("queues", [])
    if not queues:
        return
    table = Table("queue", box=None, header_style="bold")
    for column in ("visible", "in flight", "delayed"):
        table.add_column(column, justify="right")
    for queue in sorted(queues, key=lambda each: each["name"]):
        table.add_row(queue["name"], *(str(queue[key]) for key in ("visible", "in_flight", "delayed")))
    console.print(table)
