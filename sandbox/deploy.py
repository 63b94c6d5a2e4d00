"""``make deploy SERVICE=…``: one function's code, configuration and mappings, and nothing else."""

import time

from rich.console import Console

from bootstrap.clients import Clients
from bootstrap.deploy import deploy
from bootstrap.flows import Flow
from bootstrap.resources import Function
from sandbox import artifacts, flows, function_check
from sandbox.errors import EXIT_OK, UsageError
from sandbox.exclusive import only_one
from sandbox.paths import CHANGING
from sandbox.target import Target


def run(target: Target, service: str, console: Console, flow: Flow | None = None) -> int:
    """Update one service of a running stack.

    Raises:
        UsageError: there is no such service, or the stack's orders do not go by ``flow``.
        NotRunningError: there is no stack.
        BootstrapError, FunctionStartError: the code is at fault, or a resource refused the update.
    """
    target.require_running()
    started = time.monotonic()
    clients = Clients(target.endpoint)
    flows.require(target.endpoint, flow)
    stack = flows.stack_at(clients)
    known = sorted(function.name for function in stack.of(Function))
    if service not in known:
        raise UsageError(f"SERVICE={service} is unknown; there are {', '.join(known)}.")
    with only_one(CHANGING, "Another command changes the stack; waiting for it …"):
        report = deploy(clients, stack, artifacts.build(console, stack, service), only=service)
        function_check.check(clients, stack, {service})
    for ref, outcome in report.outcomes:
        console.print(f"  {ref}: {outcome}")
    console.print(f"Done in {time.monotonic() - started:.1f} s.")
    return EXIT_OK
