"""``make up TEMPLATE=…``: the engine, and a user's own stack on it. A second call updates what changed.

Where it fails there is no half stack: a new one is taken back, an old one stays as it was; an engine that this call
started is ended. On Ctrl-C a new stack is taken back, and an update that has begun goes on.
"""

import re
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.markup import escape

from bootstrap.clients import Clients
from bootstrap.deploy import explain
from bootstrap.template import artifacts, stacks
from bootstrap.template.stacks import Deployed
from sandbox import flows
from sandbox.counted import counted
from sandbox.errors import EXIT_OK, UsageError
from sandbox.exclusive import only_one
from sandbox.host_engine import HostEngine
from sandbox.own_stack import checking, packaging, reading, record, support
from sandbox.own_stack.checking import Checked
from sandbox.own_stack.dependencies import Dependencies
from sandbox.own_stack.packaging import Packaged
from sandbox.own_stack.record import OwnStack
from sandbox.paths import CHANGING, SANDBOX
from sandbox.target import Target
from sandbox.up import engine_within

BUCKET = "loadstack-templates"
_SHOPS = ("DEPLOY", "FLOW", "PAYMENT_PROVIDER", "STRIPE_API_BASE", "STRIPE_API_KEY", "STRIPE_WEBHOOK_SECRET", "SERVICE")
_NAME_LENGTH = 64


def run(target: Target, environment: Mapping[str, str], console: Console) -> int:
    """Raises:
    TemplateError: what is wrong with the template; nothing was started.
    UsageError: this sandbox runs another stack.
    BootstrapError: the stack was not made, or not updated.
    SandboxError: the engine did not start, or nothing answers where it is somebody else's.
    """
    started = time.monotonic()
    for word in _SHOPS:
        if environment.get(word):
            raise UsageError(f"{word}={environment[word]} is the shop's, and TEMPLATE= is not the shop: leave it out.")
    asked = checking.wanted(environment)
    with only_one(CHANGING, "Another command changes the stack; waiting for it …"):
        known = record.read(target.engine.run) if target.engine else None
        same = known if known and known.template == str(reading.locate(asked.template).resolve()) else None
        _require_alone(target, asked.template, known, same)
        with console.status("Checking the template"):
            checked = checking.check(
                asked,
                same.parameters if same else {},
                same.digest if same else None,
                support.supported_types() if target.engine else None,
            )
        for line in checked.left_out:
            console.print(f"  [yellow]Left out[/] {escape(line)}")
        packaged = _package(target, checked, console)
        with engine_within(target, console) as fresh:
            deployed = _deploy(target, checked, packaged, fresh, console)
    notes = [note for note in deployed.notes if not (checked.left_out and note.is_left_out)]  # told already
    _tell(target, replace(deployed, notes=tuple(notes)), packaged, started, fresh, console)
    return EXIT_OK


def stack_name(template: Path) -> str:
    """The stack's name: the file's, or of a ``template.yaml`` its folder's; what CloudFormation allows of it."""
    name = template.name.split(".")[0]
    if name == "template":
        name = template.resolve().parent.name
    words = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")
    return (words if words[:1].isalpha() else f"stack-{words}".strip("-"))[:_NAME_LENGTH]


def _require_alone(target: Target, template: str, known: OwnStack | None, same: OwnStack | None) -> None:
    """Raises UsageError where the engine that runs has another stack, the shop's or a template's."""
    if target.engine is None:
        target.require_running()
        return
    if not target.engine.is_ready() or same:
        return
    if known:
        raise UsageError(f"This sandbox runs the stack of {known.template}: make down first, or up with that again.")
    if flows.of(Clients(target.endpoint)):
        raise UsageError(f"This sandbox runs the shop: make down first, then make up TEMPLATE={template}.")


def _package(target: Target, checked: Checked, console: Console) -> Packaged:
    served = isinstance(target.engine, HostEngine)
    dependencies = Dependencies(
        SANDBOX.build / "own-stacks",
        SANDBOX.uv,
        SANDBOX.runtime_python,
        target.engine.platform() if target.engine else None,
        lambda what: console.print(f"  {escape(what)} …"),
    )
    return packaging.prepare(checked.template, checked.artifacts, dependencies, served=served)


def _deploy(target: Target, checked: Checked, packaged: Packaged, fresh: bool, console: Console) -> Deployed:
    clients, name = Clients(target.endpoint), stack_name(checked.path)
    with console.status("Packaging the code") as status:

        def show(resource: str, what: str) -> None:
            status.update(f"{escape(resource)}: {what}")

        try:
            clients.s3.create_bucket(Bucket=BUCKET)
            template = artifacts.upload(
                packaged.template, packaged.uploads, clients.s3, BUCKET, pack=packaged.pack, progress=show
            )
        except (BotoCoreError, ClientError) as error:
            raise explain(f"stack {name}", error) from error
        own = OwnStack(str(checked.path.resolve()), name, checked.parameters)
        if target.engine and fresh:
            record.write(target.engine.run, own)  # already: what comes between has to know that this is not the shop
        try:
            deployed = stacks.deploy(clients, name, template, checked.parameters, BUCKET, show, takes_back=not fresh)
        except stacks.InterruptedUpdate as update:
            console.print(f"  {update}")
            raise
    if target.engine:
        record.write(target.engine.run, OwnStack(own.template, name, checked.parameters, checked.digest))
    return deployed


def _tell(
    target: Target, deployed: Deployed, packaged: Packaged, started: float, fresh: bool, console: Console
) -> None:
    for note in deployed.notes:
        console.print(f"  [yellow]{escape(note.text)}[/]: {escape(note.resource)} ({escape(note.type)})")
    changed = "" if deployed.changed or fresh else ", nothing to change"
    console.print(f"[green]Ready[/] in {time.monotonic() - started:.1f} s{changed}.\n")
    console.print(f"  Stack   {deployed.name}\n  AWS     {target.endpoint}  (us-east-1, any credentials)")
    if packaged.hot:
        folders = counted(len(packaged.hot), "folder")
        console.print(f"  Live    what is edited in {folders} of code is live at the next invocation")
    width = max(map(len, deployed.outputs), default=0)
    for key, value in deployed.outputs.items():
        console.print(f"  {key:<{width}}  {value}", markup=False)
    console.print("\nTry next: make status, make logs, make up TEMPLATE= again after a change; make down ends it.")
