"""``make aws-plan``: looks, builds and checks; with ``CONFIRM=<account>`` uploads, and asks for a change set.

Nothing is executed here, ever: the last lines say which command does.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError
from rich.console import Console
from rich.markup import escape

from bootstrap.template import artifacts, shop
from sandbox import target as targets
from sandbox.aws_plan import account as accounts
from sandbox.aws_plan import bucket, change_set, prepared, screen, words
from sandbox.aws_plan.account import Account
from sandbox.aws_plan.change_set import Change, Found, Kind, Order
from sandbox.aws_plan.errors import AwsError, explained
from sandbox.aws_plan.prepared import Prepared
from sandbox.aws_plan.words import Words
from sandbox.errors import EXIT_OK, UsageError
from sandbox.own_stack import parameters

_DOCS = "docs/deploying-to-aws.md"
_SENDER = "MailSender"


@dataclass(slots=True)
class Made:
    """What is in the account because of this call: told when it ends before its time."""

    bucket: str = ""
    change_set: str = ""

    def __str__(self) -> str:
        parts = [f"the bucket {self.bucket} with what was uploaded"] if self.bucket else []
        parts += [f"the change set {self.change_set}"] if self.change_set else []
        return " and ".join(parts)


def run(environment: Mapping[str, str], console: Console) -> int:
    """Plan the deployment of the shop; EXIT_OK too where nothing would change.

    Raises:
        UsageError: a word is wrong, or there is no confirmation.
        SetupError: no way to the account.
        AwsError: AWS refused; what was made there by then has been told.
        BootstrapError, TemplateError: the code or the template is at fault; nothing was uploaded.
    """
    asked = words.read(environment)
    endpoint = targets.from_environment(environment).endpoint if environment.get("ENDPOINT") else None
    account = accounts.of(environment, endpoint)
    if asked.confirmed and asked.confirmed != account.id:
        raise UsageError(f"CONFIRM={asked.confirmed} is not the account that your credentials are of: {account.id}.")
    template = shop.template()
    with explained():
        found = change_set.find(account.client("cloudformation"), asked.stack, frozenset(template["Parameters"]))
    parameters.chosen(template, asked.parameters, found.parameters)
    built = prepared.prepare(template, account.region, console)
    _tell_plan(account, asked, found, built, console)
    if not asked.confirmed:
        raise UsageError(
            f"CONFIRM is missing: make aws-plan CONFIRM={account.id} uploads the code there, and has CloudFormation "
            "make a change set, which it does not execute."
        )
    made = Made()
    try:
        with explained():
            _plan(account, asked, found, built, made, console)
    except BaseException:
        if str(made):
            console.print(f"  There is now in {account.id}, {account.region}: {made} ({_DOCS} says how to remove it).")
        raise
    return EXIT_OK


def _tell_plan(account: Account, asked: Words, found: Found, built: Prepared, console: Console) -> None:
    defaults = {name: each.get("Default", "") for name, each in built.template["Parameters"].items()}
    values = {**defaults, **found.parameters, **asked.parameters}
    rows = {
        "Account": f"{account.id}, {account.region}, as {account.caller}",
        "Stack": f"{asked.stack}, {found.status or 'which is not there yet'}",
        "With": ", ".join(f"{name}={value}" for name, value in values.items()),
        "Template": f"{shop.FILE}, {len(built.template['Resources'])} resources before SAM's, no fault found",
        "Code": f"{len(built.artifacts)} archives, {built.megabytes:.1f} MB, for the bucket {bucket.name_of(account)}",
    }
    for name, value in rows.items():
        console.print(f"  {name:<9} {escape(value)}")
    if account.id != shop.EMULATORS_ACCOUNT and values.get(_SENDER, "").endswith("@example.com"):
        console.print(
            f"  [yellow]No mail will go out[/] as {values[_SENDER]}, which is nobody's: "
            f'PARAMETERS="{_SENDER}=you@your-domain", an address that you can read.'
        )


def _plan(account: Account, asked: Words, found: Found, built: Prepared, made: Made, console: Console) -> None:
    url = _upload(account, built, made, console)
    order = Order(asked.stack, change_set.name_at(datetime.now(UTC)), url, asked.parameters)
    cloudformation = account.client("cloudformation")
    with console.status("CloudFormation is making the change set"):
        arn = _ask(cloudformation, order, found, made)
    if arn is None:
        console.print(f"The stack {asked.stack} is as the template says: there is nothing to change.")
        return
    _tell_changes(change_set.changes(cloudformation, arn), order, console)
    _tell_next(account, order, found, arn, console)


def _upload(account: Account, built: Prepared, made: Made, console: Console) -> str:
    """The URL of the template in the bucket, the code beside it."""
    s3 = account.client("s3")
    name = bucket.name_of(account)
    is_new = bucket.ensure(s3, account)
    made.bucket = name
    if is_new:
        console.print(f"  Bucket {name} made")
    sent: list[str] = []
    with console.status("Uploading") as status:

        def progress(label: str, what: str) -> None:
            status.update(f"Uploading: {label} {what}")
            sent.extend([label] if what == "uploaded" else [])

        packaged = artifacts.upload(
            built.template, built.artifacts, s3, name, pack=built.pack, owner=account.id, progress=progress
        )
        body = json.dumps(packaged, indent=1).encode()
        key = artifacts.key_of(body, ".json")
        artifacts.put(s3, name, key, body, account.id)
    console.print(f"  {len(sent)} archives uploaded, {len(built.artifacts) - len(sent)} were there")
    return f"{s3.meta.endpoint_url}/{name}/{key}"


def _ask(cloudformation: Any, order: Order, found: Found, made: Made) -> str | None:
    """The ARN of the complete change set; None where nothing would change. Of one that failed nothing stays."""
    made.change_set = f"{order.name} of the stack {order.stack}"
    try:
        arn = change_set.create(cloudformation, order, found)
    except ClientError:
        made.change_set = ""
        raise
    try:
        if change_set.wait(cloudformation, arn):
            return arn
    except AwsError:
        _discard(cloudformation, arn, order, found, made)
        raise
    _discard(cloudformation, arn, order, found, made)
    return None


def _discard(cloudformation: Any, arn: str, order: Order, found: Found, made: Made) -> None:
    change_set.discard(cloudformation, arn, order, found)
    made.change_set = ""


def _tell_changes(changes: tuple[Change, ...], order: Order, console: Console) -> None:
    console.print(f"\nChange set {order.name} of the stack {order.stack}: {screen.summary(changes)}.")
    for line in screen.table(changes):
        console.print(f"  {escape(line)}" if line else "")
    if lost := screen.loses_data(changes):
        console.print(f"\n[red]With all that is in them go[/] {', '.join(lost)}.")


def _tell_next(account: Account, order: Order, found: Found, arn: str, console: Console) -> None:
    execute = f"aws cloudformation execute-change-set --change-set-name {arn} {account.options}"
    drop = f"aws cloudformation delete-change-set --change-set-name {arn} {account.options}"
    if found.kind is Kind.CREATE:  # the stack is empty, and goes with its change sets
        drop = f"aws cloudformation delete-stack --stack-name {order.stack} {account.options}"
    console.print(
        f"\nNothing has been executed. What it costs, and how it is taken down: {_DOCS}.\n\n"
        f"  To deploy it   {escape(execute)}\n"
        f"  To drop it     {escape(drop)}"
    )
