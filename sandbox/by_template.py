"""``make up DEPLOY=template``: the shop as CloudFormation makes it of ``template.yaml``, with its code from S3.

What ``make deploy`` changed of a function's code since is put right by our own deployer: CloudFormation sees what it
did itself, and no more.
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
from bootstrap.errors import DeployError
from bootstrap.flows import Flow
from bootstrap.observed import Observed
from bootstrap.package import Artifacts
from bootstrap.resources import Function, Stack
from bootstrap.template import artifacts as s3_artifacts
from bootstrap.template import files, shop, stacks
from sandbox.errors import SetupError
from sandbox.paths import ROOT
from sandbox.ways import BUCKET, STACK

FLOW = "Flow"
"""The parameter."""

_MAPPINGS_TAKE_S = 60
_EVERY_S = 0.1


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
            corrected = _correct_code(clients, declared, built)
            wait_for_mappings(clients)
        except (BotoCoreError, ClientError) as error:
            raise by_api.explain(f"stack {STACK}", error) from error
    if deployed and deployed.changed:
        what = "created" if deployed.created else "updated"
        console.print(f"  stack {STACK}: {what} by CloudFormation in {time.monotonic() - begun:.1f} s")
    for note in deployed.notes if deployed else ():
        console.print(f"  [yellow]{escape(note.text)}[/]: {escape(note.resource)} ({escape(note.type)})")
    for name in corrected:
        console.print(f"  function {name}: updated")
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


def _correct_code(clients: Clients, declared: Stack, built: Artifacts) -> list[str]:
    """The functions whose code was another one, by name; now they have this one."""
    there = Observed(clients).functions()
    names = [each.name for each in declared.of(Function)]
    hashes = {name: found["CodeSha256"] for name, found in there.items()}
    different = [name for name in names if hashes.get(name) != built.functions[name].code_sha256()]
    for name in different:
        by_api.deploy(clients, declared, built, only=name)
    return different


def wait_for_mappings(clients: Clients) -> None:
    """Return when every queue and stream feeds its function: a stack is there as soon as they are only declared.

    Raises:
        DeployError: one does not.
    """
    state: dict[str, str] = {}
    for _ in range(round(_MAPPINGS_TAKE_S / _EVERY_S)):
        mappings = Observed(clients).mappings()
        state = {function: each["State"] for (_, function), each in mappings.items() if each["State"] != "Enabled"}
        if not state:
            return
        time.sleep(_EVERY_S)
    name, what = next(iter(state.items()))
    raise DeployError(f"event source mapping of {name}", what, "it does not become Enabled", "make logs has more.")
