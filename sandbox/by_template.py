"""``make up DEPLOY=template``: the shop as CloudFormation makes it of ``template.yaml``, with its code from S3.

What ``make deploy`` changed since of functions, their code and their mappings is put right by our own deployer:
CloudFormation sees what it did itself, and no more.
"""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.markup import escape

from bootstrap import deploy as by_api
from bootstrap.clients import Clients
from bootstrap.context import Outcome
from bootstrap.flows import Flow
from bootstrap.observed import Observed
from bootstrap.package import Artifacts
from bootstrap.references import Ref
from bootstrap.resources import Function, Stack
from bootstrap.template import artifacts as s3_artifacts
from bootstrap.template import files, shop, stacks
from sandbox.errors import SetupError
from sandbox.paths import ROOT
from sandbox.ways import BUCKET, STACK

FLOW = "Flow"
"""The parameter."""


def read() -> dict[str, Any]:
    """The template, as data.

    Raises:
        SetupError: the file in the checkout is missing, or not what the declaration says.
    """
    path = ROOT / shop.FILE
    if not path.is_file():
        raise SetupError(f"{shop.FILE} is missing: make template writes it.")
    if path.read_text() != shop.render():
        raise SetupError(f"{shop.FILE} is not what bootstrap/ declares: make template writes it anew.")
    return shop.template()


def deploy(
    clients: Clients, template: Mapping[str, Any], flow: Flow, declared: Stack, built: Artifacts, console: Console
) -> bool:
    """Make or update the stack from the template; whether anything changed.

    Raises:
        DeployError: CloudFormation refused the template or gave a resource up; the stack is as it was, or not there.
        InterruptedUpdate: the update goes on, which is told.
    """
    begun = time.monotonic()
    with console.status("Creating the stack from template.yaml") as status:
        try:
            packaged = _packaged(clients, template, built, lambda label, what: status.update(f"{label}: {what}"))
            parameters = {FLOW: flow.value}
            deployed = None
            if not is_deployed(clients, packaged, parameters):
                deployed = stacks.deploy(
                    clients, STACK, packaged, parameters, BUCKET, lambda name, what: status.update(f"{name}: {what}")
                )
            corrected = correct_functions(clients, declared, built)
        except stacks.InterruptedUpdate as update:
            console.print(f"  {update}")
            raise
        except (BotoCoreError, ClientError) as error:
            raise by_api.explain(f"stack {STACK}", error) from error
    if deployed and deployed.changed:
        what = "created" if deployed.created else "updated"
        console.print(f"  stack {STACK}: {what} by CloudFormation in {time.monotonic() - begun:.1f} s")
    for note in deployed.notes if deployed else ():
        console.print(f"  [yellow]{escape(note.text)}[/]: {escape(note.resource)} ({escape(note.type)})")
    for ref in corrected:
        console.print(f"  {ref}: updated")
    return bool(deployed and deployed.changed) or bool(corrected)


def _packaged(
    clients: Clients, template: Mapping[str, Any], built: Artifacts, progress: Callable[[str, str], None]
) -> dict[str, Any]:
    """The template with its code in the bucket, which is made where it is missing."""
    files.write(built, ROOT)
    if BUCKET not in Observed(clients).buckets():
        clients.s3.create_bucket(Bucket=BUCKET)
    found = s3_artifacts.find(template, ROOT)
    return s3_artifacts.upload(dict(template), found, clients.s3, BUCKET, progress=progress)


def is_deployed(clients: Clients, packaged: Mapping[str, Any], parameters: Mapping[str, str]) -> bool:
    """Whether the stack was made of the same: else SAM's transform and a look at each resource would find that out."""
    found = stacks.describe(clients, STACK)
    if found is None or found["StackStatus"] not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        return False
    used = {each["ParameterKey"]: each.get("ParameterValue") for each in found.get("Parameters", ())}
    if any(used.get(name) != value for name, value in parameters.items()):
        return False
    body = clients.cloudformation.get_template(StackName=STACK, TemplateStage="Original")["TemplateBody"]
    return bool((json.loads(body) if isinstance(body, str) else body) == packaged)


def correct_functions(clients: Clients, declared: Stack, built: Artifacts) -> list[Ref]:
    """The functions and mappings that were not as they are declared, and now are. Each mapping feeds its function then:
    for CloudFormation a stack is there as soon as they are only made.
    """
    reports = [by_api.deploy(clients, declared, built, only=each.name) for each in declared.of(Function)]
    return [ref for report in reports for ref, what in report.outcomes if what is not Outcome.UNCHANGED]
