"""``make down``: nothing of this sandbox is left running, whatever became of it before."""

import time

from rich.console import Console

from sandbox import processes
from sandbox.errors import EXIT_OK
from sandbox.target import Target


def run(target: Target, console: Console) -> int:
    """Stop the engine; for somebody else's ``ENDPOINT`` there is nothing to stop."""
    if target.engine is None:
        console.print(f"{target.endpoint} is not ours to stop.")
        return EXIT_OK
    if not processes.of_instance(target.engine.instance):
        target.engine.stop()
        console.print("Nothing runs.")
        return EXIT_OK
    started = time.monotonic()
    target.engine.stop()
    console.print(f"Stopped in {time.monotonic() - started:.1f} s.")
    return EXIT_OK
