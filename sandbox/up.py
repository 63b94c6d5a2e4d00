"""``make up``: the engine, the stack on it, the seed. A second call changes only what differs."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

from rich.console import Console
from rich.markup import escape

from bootstrap.clients import Clients
from bootstrap.context import Outcome
from bootstrap.deploy import Report, deploy
from bootstrap.flows import Flow
from bootstrap.package import Artifacts
from bootstrap.resources import Function, Stack
from bootstrap.seed import seed
from bootstrap.shop import stack
from bootstrap.shop_gateway import with_gateway
from bootstrap.shop_sizes import AS_DECLARED, Sizes, with_sizes
from bootstrap.ways import Way
from sandbox import artifacts, by_template, endpoint_gaps, flows, function_check, gateways, ways
from sandbox.engines import stop_after_failure
from sandbox.errors import EXIT_OK
from sandbox.exclusive import only_one
from sandbox.own_stack import record
from sandbox.paths import CHANGING
from sandbox.shop_client import EMAIL, PASSWORD
from sandbox.target import Target


def run(target: Target, console: Console, asked: Flow | None = None, way: Way | None = None) -> int:
    """Bring the stack up, and tell what to try; see :func:`bring_up` for flow and way, and for what it raises."""
    started = time.monotonic()
    changed = bring_up(target, console, asked, gateways.wish(os.environ), way=way)
    took = time.monotonic() - started
    if target.engine is None:
        for gap in endpoint_gaps.find(target):
            console.print(f"  [yellow]Lacks[/] {gap}")
    console.print(f"[green]Ready[/] in {took:.1f} s{'' if changed else ', nothing to change'}.")
    # Inside a container the endpoint has another name than outside, where this is read.
    shown = replace(target, endpoint=os.environ.get("PUBLIC_ENDPOINT") or target.endpoint)
    console.print(
        f"\n  Flow    {flows.of(Clients(target.endpoint)) or 'unknown'}\n"
        f"  API     {shown.api_url}\n"
        f"  Docs    {shown.api_url}/docs  (try it there)\n"
        f"  AWS     {shown.endpoint}  (us-east-1, any credentials)\n"
        f"  Login   {EMAIL} / {PASSWORD}\n\n"
        "Try next: make order, make status, make load, make logs FUNCTION=orders; make down ends it."
    )
    return EXIT_OK


def bring_up(
    target: Target,
    console: Console,
    asked: Flow | None = None,
    wanted: gateways.Wish = gateways.ANY,
    sizes: Sizes = AS_DECLARED,
    way: Way | None = None,
) -> bool:
    """Build, start the engine where it does not run, deploy, seed; whether anything changed.

    Where no flow is asked for, it is that of the stack that is there, or choreography; where no payment gateway is
    wanted, the one that is there, or the simulated one; where no way is asked for, that of the stack that is there, or
    our own deployers. What this call started is stopped again when it fails or is interrupted.

    Raises:
        BootstrapError: the declaration, the code, a resource or the seed is at fault; names which.
        SandboxError: the engine did not start, or nothing answers where it is somebody else's.
    """
    if target.engine is None:
        target.require_running()
    elif target.engine.is_ready():
        record.require_shop(target.engine.run, {})
    with only_one(CHANGING, "Another command changes the stack; waiting for it …"):
        clients = Clients(target.endpoint)
        is_there = target.engine is None or target.engine.is_ready()
        chosen = ways.choose(way, ways.of(clients) if is_there else None)
        gateway = gateways.gateway(clients if is_there else None, wanted)
        ways.require_as_declared(chosen, gateway, sizes)
        template = by_template.read() if chosen is Way.TEMPLATE else None
        flow = _flow(clients if is_there else None, asked, chosen, console)
        declared = with_sizes(with_gateway(stack(flow), gateway), sizes)
        built = artifacts.build(console, declared, platform=target.engine.platform() if target.engine else None)
        with engine_within(target, console) as started:
            if template is None:
                changed = _deploy(clients, declared, built, console).changed
            else:
                changed = by_template.deploy(clients, template, flow, declared, built, console)
            gateways.keep_keys(clients, wanted)
            if gateway:
                console.print(f"  Payments go to {gateway.base}")
            if target.engine is None:
                endpoint_gaps.require_fixed_id(clients)
            waiting = console.status("Invoking each function once, seeding the catalogue and the demo users")
            with waiting, ThreadPoolExecutor(1) as beside:
                seeding = beside.submit(seed, clients, target.api_url)
                function_check.check(clients, declared, {function.name for function in declared.of(Function)})
                seeded = seeding.result()
            if seeded:
                console.print("  Catalogue and demo users seeded")
    return started or changed or seeded


@contextmanager
def engine_within(target: Target, console: Console) -> Iterator[bool]:
    """Our engine runs within; True where it did not before. An endpoint of somebody else's is only used."""
    engine = target.engine
    if engine is None or engine.is_ready():
        if engine and engine.is_outdated():
            console.print("  [yellow]engine/ has changed since LocalStack started[/]: make down, make up to run it")
        yield False
        return
    if reason := engine.end_reason():
        console.print(f"  {reason}; building the stack anew.")
    with console.status("Starting LocalStack") as status:
        begun = time.monotonic()
        engine.start(lambda line: console.print(f"  {escape(line)}"), lambda what: status.update(escape(what)))
    console.print(f"  LocalStack started in {time.monotonic() - begun:.1f} s")
    try:
        yield True
    except BaseException:
        stop_after_failure(engine, lambda line: console.print(f"  {escape(line)}"))
        raise


def _flow(clients: Clients | None, asked: Flow | None, way: Way, console: Console) -> Flow:
    """The flow to make; tells where it is another than that of the stack that is there. `clients` is None where nothing
    runs.
    """
    runs = flows.of(clients) if clients else None
    if clients and asked and runs and asked is not runs:
        left = f"those under way go on by {runs}"
        if way is Way.TEMPLATE and runs is Flow.SAGA:
            ways.require_no_sagas(clients, asked)
            left = "none is under way"
        console.print(f"  Orders go by {asked} from now on; {left}.")
    return asked or runs or flows.USUAL


def _deploy(clients: Clients, declared: Stack, built: Artifacts, console: Console) -> Report:
    begun = time.monotonic()
    with console.status("Creating the stack") as status:
        report = deploy(clients, declared, built, lambda resource, what: status.update(f"{resource}: {what}"))
    for ref in report.with_outcome(Outcome.UPDATED):
        console.print(f"  {ref}: updated")
    if created := report.with_outcome(Outcome.CREATED):
        console.print(f"  {len(created)} resources created in {time.monotonic() - begun:.1f} s")
    return report
