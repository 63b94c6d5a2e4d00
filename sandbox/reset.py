"""``make reset``: all data gone and seeded again, the stack kept."""

import time

from rich.console import Console

from bootstrap.clients import Clients
from bootstrap.observed import Observed
from bootstrap.reset import reset
from bootstrap.resources import Stack
from sandbox import flows
from sandbox.errors import EXIT_OK
from sandbox.exclusive import only_one
from sandbox.paths import CHANGING
from sandbox.target import Target


def run(target: Target, console: Console) -> int:
    """Raises NotRunningError, or ResetError and SeedError, after which calling again is safe."""
    target.require_running()
    started = time.monotonic()
    waiting = "Another command changes the stack; waiting for it …"
    with only_one(CHANGING, waiting), console.status("Emptying tables, queues and logs"):
        clients = Clients(target.endpoint)
        reset(clients, lambda: _filled(clients), target.api_url)
    console.print(f"Emptied and seeded again in {time.monotonic() - started:.1f} s.")
    return EXIT_OK


def _filled(clients: Clients) -> Stack:
    return flows.with_others_letters(flows.stack_at(clients), Observed(clients).queues())
