"""Stacks of CloudFormation: made and updated through a change set, whole or not at all.

States of one: *absent* → *made* → *updated*, and back to *absent*. A stack that could not be made is deleted, with what
it had made; one that could not be updated is what it was (AWS rolls it back; so does our engine). What is left of an
earlier failure (`ROLLBACK_COMPLETE`, a change set that was never executed) is deleted first; what still goes on from
an earlier call is waited for.
"""

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from bootstrap.clients import Clients
from bootstrap.deploy import explain
from bootstrap.errors import DeployError
from bootstrap.template.artifacts import key_of, put

CAPABILITIES = ("CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND")
_POLL_S = 0.1
_TELL_S = 1.0
_IN_REVIEW = "REVIEW_IN_PROGRESS"
_NEVER_MADE = {"DELETE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"}
# LocalStack says these of a whole stack too, after a change set that it refused or that nobody executed.
_NEVER_MADE_WHERE_EMPTY = {"CREATE_FAILED", _IN_REVIEW}
_NO_CHANGES = ("didn't contain changes", "No updates are to be performed")
_CANCELLED = "Resource creation cancelled"
# What the engine says of a resource that it made nothing for, or changed nothing of.
_LEFT_OUT = "Left out"
_NOTES = (_LEFT_OUT, "Not updated")

type Progress = Callable[[str, str], None]


class Note(NamedTuple):
    """What became of a resource other than the template says; ``resource`` is its logical id."""

    resource: str
    type: str
    text: str

    @property
    def is_left_out(self) -> bool:
        return self.text.startswith(_LEFT_OUT)


@dataclass(frozen=True, slots=True)
class Deployed:
    """A stack as it is now. ``changed`` is False where the template and its parameters were the same."""

    name: str
    created: bool
    changed: bool
    outputs: Mapping[str, str]
    notes: tuple[Note, ...]


class InterruptedUpdate(KeyboardInterrupt):
    """Ctrl-C while a stack was updated: CloudFormation goes on, and rolls it back where it fails. Says so."""


def deploy(
    clients: Clients,
    name: str,
    template: Mapping[str, Any],
    parameters: Mapping[str, str],
    bucket: str,
    progress: Progress = lambda resource, status: None,
    *,
    takes_back: bool = True,
) -> Deployed:
    """Make or update the stack `name`; `bucket` is there, and keeps the template (one in a request has 51,200 bytes at
    most). Artifacts are in S3 already: see `bootstrap.template.artifacts`. `takes_back` is False where the endpoint
    ends when this fails: then nobody waits until a half stack is deleted.

    Raises:
        DeployError: the template is refused, or a resource failed; the stack is then as it was before, or not there
            (but for what could not be deleted: the hint says it).
        KeyboardInterrupt: a stack that was to be made is not there, or nothing was begun.
        InterruptedUpdate: nobody waits any more for an update, which goes on.
    """
    try:
        return _deploy(clients, name, template, parameters, bucket, progress, takes_back=takes_back)
    except (BotoCoreError, ClientError) as error:
        raise explain(f"stack {name}", error) from error


def delete(clients: Clients, name: str) -> None:
    """Delete the stack, where there is one, and wait for it.

    Raises:
        DeployError: a resource could not be deleted.
    """
    cloudformation = clients.cloudformation
    stack = describe(clients, name)
    if stack is None:
        return
    cloudformation.delete_stack(StackName=stack["StackId"])
    status = _settled(clients, stack["StackId"])["StackStatus"]
    if status != "DELETE_COMPLETE":
        failed = _failures(clients, stack["StackId"])
        raise DeployError(f"stack {name}", status, "; ".join(failed) or "it could not be deleted", "")


def describe(clients: Clients, name: str) -> Any | None:
    """What CloudFormation tells of a stack, None where there is none."""
    try:
        stacks: list[Any] = clients.cloudformation.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    return next((stack for stack in stacks if stack["StackStatus"] != "DELETE_COMPLETE"), None)


def outputs_of(stack: Any) -> dict[str, str]:
    return {each["OutputKey"]: str(each["OutputValue"]) for each in stack.get("Outputs", ())}


def _deploy(
    clients: Clients,
    name: str,
    template: Mapping[str, Any],
    parameters: Mapping[str, str],
    bucket: str,
    progress: Progress,
    *,
    takes_back: bool,
) -> Deployed:
    there = _made(clients, name, progress)
    change_set = _change_set(clients, name, template, parameters, bucket, updates=there is not None)
    if change_set is None:
        assert there is not None  # only an update can have nothing to change
        return Deployed(name, False, False, outputs_of(there), ())
    known = _event_ids(clients, name)
    clients.cloudformation.execute_change_set(ChangeSetName=change_set)
    try:
        stack = _settled(clients, name, lambda: _tell(clients, name, known, progress))
    except KeyboardInterrupt:
        if there is not None:
            raise InterruptedUpdate(f"The update of {name} goes on: make status tells how it ends.") from None
        if takes_back:
            progress(f"stack {name}", "taking it back")
            _settled(clients, name)
            delete(clients, name)
        raise
    events = [each for each in _events(clients, name) if each["EventId"] not in known]
    if stack["StackStatus"] not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        failed = _failed(name, stack, events)
        if there is None and takes_back:
            _delete_after(failed, clients, name)
        raise failed
    outputs = outputs_of(stack)
    # LocalStack takes every template with SAM's transform for changed.
    changed = there is None or outputs != outputs_of(there) or any(map(_is_of_a_resource, events))
    return Deployed(name, there is None, changed, outputs, tuple(_notes(events)))


def _made(clients: Clients, name: str, progress: Progress) -> Any | None:
    """The stack that can be updated, None where there is none; nothing goes on in it."""
    stack = describe(clients, name)
    if stack and stack["StackStatus"].endswith("_IN_PROGRESS") and stack["StackStatus"] != _IN_REVIEW:
        progress(f"stack {name}", "waiting for an earlier change of it")
        _settled(clients, stack["StackId"])
        stack = describe(clients, name)
    if stack and _was_never_made(clients, stack):
        delete(clients, name)
        return None
    return stack


def _was_never_made(clients: Clients, stack: Any) -> bool:
    status = stack["StackStatus"]
    if status not in _NEVER_MADE_WHERE_EMPTY:
        return status in _NEVER_MADE
    return not clients.cloudformation.describe_stack_resources(StackName=stack["StackId"])["StackResources"]


def _delete_after(failed: DeployError, clients: Clients, name: str) -> None:
    """Raises what `failed`, with what of the stack is left, where it cannot be deleted."""
    try:
        delete(clients, name)
    except (DeployError, BotoCoreError, ClientError) as left:
        hint = f"Not all that was made could be deleted again: {left}."
        raise DeployError(failed.resource, failed.code, failed.message, hint) from left


def _change_set(
    clients: Clients,
    name: str,
    template: Mapping[str, Any],
    parameters: Mapping[str, str],
    bucket: str,
    *,
    updates: bool,
) -> str | None:
    """Its ARN, or None where nothing would change.

    Raises:
        DeployError: the template is refused.
    """
    cloudformation = clients.cloudformation
    body = json.dumps(template).encode()
    key = key_of(body, ".template.json")
    put(clients.s3, bucket, key, body)
    digest = hashlib.sha256(body + json.dumps(parameters, sort_keys=True).encode()).hexdigest()[:12]
    try:
        arn: str = cloudformation.create_change_set(
            StackName=name,
            ChangeSetName=f"up-{digest}-{time.time_ns():x}",
            ChangeSetType="UPDATE" if updates else "CREATE",
            TemplateURL=f"{clients.endpoint}/{bucket}/{key}",
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
            Capabilities=list(CAPABILITIES),
        )["Id"]
        found = cloudformation.describe_change_set(ChangeSetName=arn)
        while found["Status"] in ("CREATE_PENDING", "CREATE_IN_PROGRESS"):
            time.sleep(_POLL_S)
            found = cloudformation.describe_change_set(ChangeSetName=arn)
    except ClientError as error:
        if not updates:
            delete(clients, name)
        raise explain(f"stack {name}", error) from error
    if found["Status"] != "FAILED":
        return arn
    reason = found.get("StatusReason", "")
    cloudformation.delete_change_set(ChangeSetName=arn)
    if any(words in reason for words in _NO_CHANGES) and updates:
        return None
    if not updates:
        delete(clients, name)
    raise DeployError(f"stack {name}", "refused", reason.rstrip("."), "")


def _settled(clients: Clients, name: str, meanwhile: Callable[[], None] = lambda: None) -> Any:
    """The stack, as soon as nothing goes on in it; `meanwhile` is called each second: events are many."""
    told = time.monotonic()
    while True:
        stack: Any = clients.cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        if time.monotonic() - told > _TELL_S:
            meanwhile()
            told = time.monotonic()
        if not stack["StackStatus"].endswith("_IN_PROGRESS"):
            return stack
        time.sleep(_POLL_S)


def _events(clients: Clients, name: str) -> list[Any]:
    """The oldest first."""
    pages = clients.cloudformation.get_paginator("describe_stack_events").paginate(StackName=name)
    return [event for page in pages for event in page["StackEvents"]][::-1]


def _event_ids(clients: Clients, name: str) -> set[str]:
    return {event["EventId"] for event in _events(clients, name)}


def _tell(clients: Clients, name: str, known: set[str], progress: Progress) -> None:
    """The newest that became of a resource."""
    for event in reversed(_events(clients, name)):
        if event["EventId"] not in known and _is_of_a_resource(event):
            progress(event["LogicalResourceId"], event["ResourceStatus"].lower().replace("_", " "))
            return


def _is_of_a_resource(event: Any) -> bool:
    """And not of the stack itself; a nested one is a resource."""
    return bool(event.get("PhysicalResourceId") != event["StackId"])


def _failures(clients: Clients, name: str) -> list[str]:
    failed = [event for event in _events(clients, name) if event["ResourceStatus"] == "DELETE_FAILED"]
    return [f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason')}" for event in failed]


def _failed(name: str, stack: Any, events: list[Any]) -> DeployError:
    """The first failure is the reason; the others follow from it."""
    for event in filter(_is_of_a_resource, events):
        reason = event.get("ResourceStatusReason", "")
        if event["ResourceStatus"].endswith("_FAILED") and not reason.startswith(_CANCELLED):
            resource = f"{event['LogicalResourceId']} ({event['ResourceType']})"
            return DeployError(resource, event["ResourceStatus"], _first_line(reason), "")
    return DeployError(f"stack {name}", stack["StackStatus"], _first_line(stack.get("StackStatusReason", "")), "")


def _notes(events: list[Any]) -> list[Note]:
    found = {
        event["LogicalResourceId"]: Note(
            event["LogicalResourceId"], event["ResourceType"], event["ResourceStatusReason"]
        )
        for event in events
        if event.get("ResourceStatusReason", "").startswith(_NOTES)
    }
    return list(found.values())


def _first_line(reason: str) -> str:
    lines = reason.removeprefix("Resource provider operation failed: ").strip().splitlines()
    return (lines or ["no reason was given"])[0].rstrip(".")
