"""``make down``: nothing of this sandbox is left running, whatever became of it before."""

import time

from rich.console import Console

from sandbox.errors import EXIT_OK
from sandbox.target import Target


def run(target: Target, console: Console) -> int:
    """Stop the engine; for somebody else's ``ENDPOINT`` there is nothing to stop.

    Raises:
        SetupError: Docker does not answer, so that containers may be left; they are told, and forgotten.
    """
    if target.engine is None:
        console.print(f"{target.endpoint} is not ours to stop.")
        return EXIT_OK
    started = time.monotonic()
    stopped = target.engine.stop()
    console.print(f"Stopped in {time.monotonic() - started:.1f} s." if stopped else "Nothing runs.")
    return EXIT_OK
