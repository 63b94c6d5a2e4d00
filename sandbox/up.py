"""``make up``: the engine, the stack on it, the seed. A second call changes only what differs."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

from rich.console import Console

from bootstrap.clients import Clients
from bootstrap.context import Outcome
from bootstrap.deploy import Report, deploy
from bootstrap.package import Artifacts
from bootstrap.resources import Function
from bootstrap.seed import seed
from bootstrap.shop import SHOP
from sandbox import artifacts, function_check
from sandbox.errors import EXIT_OK
from sandbox.exclusive import only_one
from sandbox.paths import CHANGING
from sandbox.shop_client import EMAIL, PASSWORD
from sandbox.target import Target


def run(target: Target, console: Console) -> int:
    """Bring the stack up, and tell what to try; see :func:`bring_up` for what it raises."""
    started = time.monotonic()
    changed = bring_up(target, console)
    took = time.monotonic() - started
    console.print(f"[green]Ready[/] in {took:.1f} s{'' if changed else ', nothing to change'}.")
    # Inside a container the endpoint has another name than outside, where this is read.
    shown = replace(target, endpoint=os.environ.get("PUBLIC_ENDPOINT") or target.endpoint)
    console.print(
        f"\n  API     {shown.api_url}\n"
        f"  Docs    {shown.api_url}/docs  (try it there)\n"
        f"  AWS     {shown.endpoint}  (us-east-1, any credentials)\n"
        f"  Login   {EMAIL} / {PASSWORD}\n\n"
        "Try next: make order, make status, make load, make logs FUNCTION=orders; make down ends it."
    )
    return EXIT_OK


def bring_up(target: Target, console: Console) -> bool:
    """Build, start the engine where it does not run, deploy, seed; whether anything changed.

    What this call started is stopped again when it fails or is interrupted.

    Raises:
        BootstrapError: the declaration, the code, a resource or the seed is at fault; names which.
        SandboxError: the engine did not start, or nothing answers where it is somebody else's.
    """
    if target.engine is None:
        target.require_running()
    with only_one(CHANGING, "Another command changes the stack; waiting for it …"):
        built = artifacts.build(console)
        with _engine(target, console) as started:
            clients = Clients(target.endpoint)
            report = _deploy(clients, built, console)
            waiting = console.status("Invoking each function once, seeding the catalogue and the demo users")
            with waiting, ThreadPoolExecutor(1) as beside:
                seeding = beside.submit(seed, clients, target.api_url)
                function_check.check(clients, SHOP, {function.name for function in SHOP.of(Function)})
                seeded = seeding.result()
            if seeded:
                console.print("  Catalogue and demo users seeded")
    return started or report.changed or seeded


@contextmanager
def _engine(target: Target, console: Console) -> Iterator[bool]:
    """Our engine runs within; True where it did not before. An endpoint of somebody else's is only used."""
    engine = target.engine
    if engine is None or engine.is_ready():
        if engine and engine.is_outdated():
            console.print("  [yellow]engine/ has changed since LocalStack started[/]: make down, make up to run it")
        yield False
        return
    if reason := engine.end_reason():
        console.print(f"  {reason}; building the stack anew.")
    with console.status("Starting LocalStack"):
        begun = time.monotonic()
        engine.start()
    console.print(f"  LocalStack started in {time.monotonic() - begun:.1f} s")
    try:
        yield True
    except BaseException:
        engine.stop()
        raise


def _deploy(clients: Clients, built: Artifacts, console: Console) -> Report:
    begun = time.monotonic()
    with console.status("Creating the stack") as status:
        report = deploy(clients, SHOP, built, lambda resource, what: status.update(f"{resource}: {what}"))
    for ref in report.with_outcome(Outcome.UPDATED):
        console.print(f"  {ref}: updated")
    if created := report.with_outcome(Outcome.CREATED):
        console.print(f"  {len(created)} resources created in {time.monotonic() - begun:.1f} s")
    return report
