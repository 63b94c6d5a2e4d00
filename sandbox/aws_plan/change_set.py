"""A change set: what CloudFormation would do to the stack, which it says without doing it.

    (no stack) ── create ──► REVIEW_IN_PROGRESS, an empty stack ─┐
    (a stack)  ── create ──► as it was ──────────────────────────┤
                                                                 ▼
                               CREATE_PENDING ──► CREATE_IN_PROGRESS ──► CREATE_COMPLETE   the plan
                                                                    └──► FAILED            no changes, or a fault

What failed is deleted again, and the empty stack with it where this call made it.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from botocore.exceptions import ClientError

from sandbox.aws_plan.errors import AwsError

POLL_S = 2.0
PATIENCE_S = 600
_CAPABILITIES = ("CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND")
_NOTHING_TO_DO = ("didn't contain changes", "no updates are to be performed")
_MUST_GO = {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"}

type Pause = Callable[[float], None]


class Kind(StrEnum):
    CREATE = "CREATE"
    UPDATE = "UPDATE"


@dataclass(frozen=True, slots=True)
class Found:
    """The stack before: its status, None where there is none, and its parameters with their values."""

    status: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> Kind:
        return Kind.CREATE if self.status in (None, "REVIEW_IN_PROGRESS") else Kind.UPDATE


@dataclass(frozen=True, slots=True)
class Order:
    """What the change set is made of."""

    stack: str
    name: str
    template_url: str
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """What would become of one resource. `replacement` is True, False or Conditional as CloudFormation says it, or
    empty; `properties` are those that change; `is_kept`: what goes out of the stack stays in the account.
    """

    action: str
    logical_id: str
    type: str
    replacement: str
    properties: tuple[str, ...]
    is_kept: bool = False


def name_at(now: datetime) -> str:
    return f"plan-{now:%Y%m%dT%H%M%SZ}"


def find(cloudformation: Any, stack: str, declared: frozenset[str]) -> Found:
    """The stack as it is, which can be planned for, with those of its parameters that the template has too.

    Raises:
        AwsError: it is being changed, or must go first.
    """
    try:
        (found,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        if "does not exist" in error.response["Error"].get("Message", ""):
            return Found()
        raise
    status = found["StackStatus"]
    if status in _MUST_GO:
        raise AwsError(f"The stack {stack} is {status}: it must go first, by aws cloudformation delete-stack.")
    if status == "UPDATE_ROLLBACK_FAILED":
        raise AwsError(f"The stack {stack} is {status}: aws cloudformation continue-update-rollback first.")
    if status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS":
        raise AwsError(f"The stack {stack} is {status}: wait until that is over, then run it again.")
    values = {each["ParameterKey"]: each["ParameterValue"] for each in found.get("Parameters", ())}
    return Found(status, {name: value for name, value in values.items() if name in declared})


def create(cloudformation: Any, order: Order, found: Found) -> str:
    """Ask for the change set, and do not wait for it; its ARN.

    Parameters that are not given keep the values that the stack has.
    """
    given = [{"ParameterKey": name, "ParameterValue": value} for name, value in order.parameters.items()]
    kept = [] if found.kind is Kind.CREATE else sorted(found.parameters.keys() - order.parameters.keys())
    answer = cloudformation.create_change_set(
        StackName=order.stack,
        ChangeSetName=order.name,
        ChangeSetType=found.kind.value,
        TemplateURL=order.template_url,
        Parameters=given + [{"ParameterKey": name, "UsePreviousValue": True} for name in kept],
        Capabilities=list(_CAPABILITIES),
    )
    arn: str = answer["Id"]
    return arn


def wait(cloudformation: Any, arn: str, pause: Pause = time.sleep) -> bool:
    """Return when the change set is there; False when there is nothing to change, and none.

    Raises:
        AwsError: CloudFormation could not make it, or is not through in ten minutes.
    """
    for _ in range(round(PATIENCE_S / POLL_S)):
        described = cloudformation.describe_change_set(ChangeSetName=arn)
        status, reason = described["Status"], described.get("StatusReason") or "no reason given"
        if status == "CREATE_COMPLETE":
            return True
        if status == "FAILED":
            if any(words in reason.lower() for words in _NOTHING_TO_DO):
                return False
            raise AwsError(f"CloudFormation cannot deploy the template: {' '.join(reason.split())}")
        pause(POLL_S)
    raise AwsError(f"CloudFormation has not made the change set in {PATIENCE_S // 60} minutes: {arn}")


def changes(cloudformation: Any, arn: str) -> tuple[Change, ...]:
    """All changes of the plan, as CloudFormation lists them."""
    return tuple(_change(each["ResourceChange"]) for each in _listed(cloudformation, arn) if "ResourceChange" in each)


def discard(cloudformation: Any, arn: str, order: Order, found: Found) -> None:
    """Delete the change set, and the empty stack that came with it."""
    cloudformation.delete_change_set(ChangeSetName=arn)
    if found.status is None:
        cloudformation.delete_stack(StackName=order.stack)


def _listed(cloudformation: Any, arn: str) -> Iterator[Mapping[str, Any]]:
    more: dict[str, str] = {}
    while True:
        page = cloudformation.describe_change_set(ChangeSetName=arn, **more)
        yield from page["Changes"]
        if not page.get("NextToken"):
            return
        more = {"NextToken": page["NextToken"]}


def _change(change: Mapping[str, Any]) -> Change:
    details = (each.get("Target", {}) for each in change.get("Details", ()))
    names = (target.get("Name") or target.get("Attribute") for target in details)
    return Change(
        change["Action"],
        change["LogicalResourceId"],
        change["ResourceType"],
        change.get("Replacement", ""),
        tuple(sorted({name for name in names if name})),
        is_kept="Retain" in change.get("PolicyAction", ""),
    )
