"""Roles of IAM: what changes about one when a stack is updated. LocalStack makes another role of it, or none."""

import contextlib
import json
from typing import Any

from loadstack_engine.cloudformation.models import Model, Request

_HOUR_S = 3600  # what IAM takes where nothing is said


def update(request: Request, model: Model) -> None:
    """Trust, policies, description, session, tags; what the template has no more goes, where it is there: an update
    that failed half way is undone by another one.
    """
    iam, before, name = request.aws_client_factory.iam, request.previous_state or {}, model["RoleName"]
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=_text(model["AssumeRolePolicyDocument"]))
    _update_words(iam, name, before, model)
    _update_inline(iam, name, before, model)
    _update_attached(iam, name, before, model)
    if model.get("PermissionsBoundary"):
        iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=model["PermissionsBoundary"])
    elif before.get("PermissionsBoundary"):
        iam.delete_role_permissions_boundary(RoleName=name)
    gone = {each["Key"] for each in before.get("Tags") or ()} - {each["Key"] for each in model.get("Tags") or ()}
    if gone:
        iam.untag_role(RoleName=name, TagKeys=sorted(gone))
    if model.get("Tags"):
        iam.tag_role(RoleName=name, Tags=model["Tags"])


def _update_words(iam: Any, role: str, before: Model, after: Model) -> None:
    """What stays is not sent: IAM shows a description once it was given one, be it empty."""
    wanted: dict[str, Any] = {}
    if before.get("Description") != after.get("Description"):
        wanted["Description"] = after.get("Description") or ""
    if before.get("MaxSessionDuration") != after.get("MaxSessionDuration"):
        wanted["MaxSessionDuration"] = int(after.get("MaxSessionDuration") or _HOUR_S)
    if wanted:
        iam.update_role(RoleName=role, **wanted)


def _update_inline(iam: Any, role: str, before: Model, after: Model) -> None:
    """Those of `AWS::IAM::RolePolicy` are not the role's own, and stay."""
    wanted = {each["PolicyName"]: each["PolicyDocument"] for each in after.get("Policies") or ()}
    for gone in sorted({each["PolicyName"] for each in before.get("Policies") or ()} - wanted.keys()):
        with contextlib.suppress(iam.exceptions.NoSuchEntityException):
            iam.delete_role_policy(RoleName=role, PolicyName=gone)
    for name, document in wanted.items():
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=_text(document))


def _update_attached(iam: Any, role: str, before: Model, after: Model) -> None:
    had, wanted = set(before.get("ManagedPolicyArns") or ()), set(after.get("ManagedPolicyArns") or ())
    for gone in sorted(had - wanted):
        with contextlib.suppress(iam.exceptions.NoSuchEntityException):
            iam.detach_role_policy(RoleName=role, PolicyArn=gone)
    for new in sorted(wanted - had):
        iam.attach_role_policy(RoleName=role, PolicyArn=new)


def _text(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document)
