"""Stacks are whole or not there, whatever CloudFormation answers."""

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from bootstrap.errors import DeployError
from bootstrap.template import stacks

TEMPLATE = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}
NO_CHANGES = "The submitted information didn't contain changes. Submit different information to create a change set."


def missing(what: str, code: str = "ValidationError") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": what}}, "Operation")


class CloudFormation:
    """One stack's life: ``statuses`` are what it goes through once a change set is executed."""

    def __init__(self, statuses: list[str], *, there: str | None = None, refuses: str | None = None) -> None:
        self.status = there
        self.calls: list[str] = []
        self.events: list[dict[str, str]] = []
        self.interrupts = False
        self.resources: list[str] = []
        self.deleted = "DELETE_COMPLETE"
        self._statuses = statuses
        self._refuses = refuses

    def describe_stacks(self, StackName: str) -> dict[str, Any]:
        if self.status is None:
            raise missing(f"Stack with id {StackName} does not exist")
        if self.status == "executing":
            if self.interrupts:
                self.interrupts = False
                raise KeyboardInterrupt
            self.status = self._statuses.pop(0)
        elif self._is_changing() and self._statuses:
            self.status = self._statuses.pop(0)
        outputs = [{"OutputKey": "Url", "OutputValue": "http://q"}]
        return {"Stacks": [{"StackId": StackName, "StackStatus": self.status, "Outputs": outputs}]}

    def describe_stack_resources(self, StackName: str) -> dict[str, Any]:
        return {"StackResources": self.resources}

    def create_change_set(self, **arguments: Any) -> dict[str, str]:
        assert not self._is_changing()
        self.calls.append(arguments["ChangeSetType"])
        if self.status is None:
            self.status = "REVIEW_IN_PROGRESS"
        return {"Id": "change"}

    def describe_change_set(self, ChangeSetName: str) -> dict[str, str]:
        return {"Status": "FAILED", "StatusReason": self._refuses} if self._refuses else {"Status": "CREATE_COMPLETE"}

    def delete_change_set(self, ChangeSetName: str) -> None:
        self.calls.append("delete change set")

    def execute_change_set(self, ChangeSetName: str) -> None:
        self.calls.append("execute")
        self.status = "executing"

    def delete_stack(self, StackName: str) -> None:
        self.calls.append("delete")
        self.status = self.deleted

    def _is_changing(self) -> bool:
        return self.status not in (None, "REVIEW_IN_PROGRESS") and self.status.endswith("_IN_PROGRESS")

    def get_paginator(self, operation: str) -> Any:
        def paginate(StackName: str) -> list[dict[str, Any]]:
            began = self.status not in (None, "REVIEW_IN_PROGRESS") and "execute" in self.calls
            newest_first = [{"EventId": str(index), **each} for index, each in enumerate(self.events)][::-1]
            return [{"StackEvents": newest_first if began else []}]

        return SimpleNamespace(paginate=paginate)


class S3:
    def head_object(self, **arguments: Any) -> None:
        raise missing("", "404")

    def put_object(self, **arguments: Any) -> None:
        pass


def event(name: str, status: str, reason: str = "") -> dict[str, str]:
    found = {
        "StackId": "notes",
        "PhysicalResourceId": name,
        "LogicalResourceId": name,
        "ResourceType": "AWS::SQS::Queue",
        "ResourceStatus": status,
    }
    return {**found, "ResourceStatusReason": reason} if reason else found


def deploy(cloudformation: CloudFormation) -> stacks.Deployed:
    clients: Any = SimpleNamespace(cloudformation=cloudformation, s3=S3(), endpoint="http://127.0.0.1:1")
    return stacks.deploy(clients, "notes", TEMPLATE, {"Stage": "dev"}, "bucket")


def test_a_new_stack_is_made_and_its_outputs_are_told() -> None:
    cloudformation = CloudFormation(["CREATE_IN_PROGRESS", "CREATE_COMPLETE"])
    cloudformation.events = [event("Pool", "CREATE_COMPLETE", "Left out: nothing here makes it")]
    deployed = deploy(cloudformation)
    assert (deployed.created, deployed.changed, deployed.outputs) == (True, True, {"Url": "http://q"})
    assert deployed.notes == (stacks.Note("Pool", "AWS::SQS::Queue", "Left out: nothing here makes it"),)
    assert cloudformation.calls == ["CREATE", "execute"]


def test_a_stack_that_fails_is_deleted_and_the_first_failure_is_the_reason() -> None:
    cloudformation = CloudFormation(["ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETE"])
    cloudformation.events = [
        event("Other", "CREATE_FAILED", "Resource creation cancelled"),
        event("Queue", "CREATE_FAILED", "Resource provider operation failed: no such thing.\nmore"),
        event("Last", "CREATE_FAILED", "because of that"),
    ]
    with pytest.raises(DeployError) as caught:
        deploy(cloudformation)
    assert str(caught.value) == "Queue (AWS::SQS::Queue): CREATE_FAILED: no such thing"
    assert cloudformation.calls == ["CREATE", "execute", "delete"]


def test_an_update_that_fails_is_left_to_the_rollback() -> None:
    cloudformation = CloudFormation(["UPDATE_ROLLBACK_COMPLETE"], there="CREATE_COMPLETE")
    cloudformation.events = [event("Queue", "UPDATE_FAILED", "no")]
    with pytest.raises(DeployError, match="UPDATE_FAILED: no"):
        deploy(cloudformation)
    assert cloudformation.calls == ["UPDATE", "execute"]


def test_an_update_that_reaches_no_resource_changes_nothing() -> None:
    cloudformation = CloudFormation(["UPDATE_COMPLETE"], there="CREATE_COMPLETE")
    assert not deploy(cloudformation).changed
    cloudformation = CloudFormation(["UPDATE_COMPLETE"], there="CREATE_COMPLETE")
    cloudformation.events = [event("Queue", "UPDATE_COMPLETE")]
    assert deploy(cloudformation).changed


def test_an_update_without_changes_is_none() -> None:
    cloudformation = CloudFormation([], there="CREATE_COMPLETE", refuses=NO_CHANGES)
    deployed = deploy(cloudformation)
    assert (deployed.changed, deployed.outputs) == (False, {"Url": "http://q"})
    assert cloudformation.calls == ["UPDATE", "delete change set"]


def test_a_template_that_is_refused_leaves_no_stack() -> None:
    cloudformation = CloudFormation([], refuses="Unsupported resources detected: X.")
    with pytest.raises(DeployError, match="stack notes: refused: Unsupported resources detected: X"):
        deploy(cloudformation)
    assert cloudformation.calls == ["CREATE", "delete change set", "delete"]


def test_what_was_left_of_a_failure_is_deleted_first() -> None:
    cloudformation = CloudFormation(["CREATE_COMPLETE"], there="ROLLBACK_COMPLETE")
    assert deploy(cloudformation).created
    assert cloudformation.calls == ["delete", "CREATE", "execute"]


@pytest.mark.parametrize("status", ["REVIEW_IN_PROGRESS", "CREATE_FAILED"])
def test_a_stack_with_resources_is_never_deleted_for_what_a_change_set_left(status: str) -> None:
    cloudformation = CloudFormation(["UPDATE_COMPLETE"], there=status)
    cloudformation.resources = ["Queue"]
    deploy(cloudformation)
    assert cloudformation.calls == ["UPDATE", "execute"]
    cloudformation = CloudFormation(["CREATE_COMPLETE"], there=status)
    deploy(cloudformation)
    assert cloudformation.calls == ["delete", "CREATE", "execute"], "one without any was never made"


@pytest.mark.parametrize("over", ["UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"])
def test_an_update_that_still_goes_on_is_waited_for(over: str) -> None:
    cloudformation = CloudFormation(["UPDATE_IN_PROGRESS", over, "UPDATE_COMPLETE"], there="UPDATE_IN_PROGRESS")
    deploy(cloudformation)
    assert cloudformation.calls == ["UPDATE", "execute"]


def test_a_creation_that_still_fails_is_waited_for_and_deleted() -> None:
    statuses = ["CREATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETE", "CREATE_COMPLETE"]
    cloudformation = CloudFormation(statuses, there="CREATE_IN_PROGRESS")
    assert deploy(cloudformation).created
    assert cloudformation.calls == ["delete", "CREATE", "execute"]


def test_what_failed_is_told_also_where_the_rest_cannot_be_deleted() -> None:
    cloudformation = CloudFormation(["ROLLBACK_FAILED"])
    cloudformation.deleted = "DELETE_FAILED"
    cloudformation.events = [event("Queue", "CREATE_FAILED", "no such thing"), event("Thing", "DELETE_FAILED", "stays")]
    with pytest.raises(DeployError) as caught:
        deploy(cloudformation)
    assert str(caught.value) == (
        "Queue (AWS::SQS::Queue): CREATE_FAILED: no such thing. "
        "Not all that was made could be deleted again: stack notes: DELETE_FAILED: Thing: stays."
    )


def test_an_interrupt_takes_a_new_stack_back() -> None:
    cloudformation = CloudFormation(["CREATE_COMPLETE"])
    cloudformation.interrupts = True
    with pytest.raises(KeyboardInterrupt):
        deploy(cloudformation)
    assert cloudformation.calls == ["CREATE", "execute", "delete"]


def test_an_interrupt_leaves_an_update_to_go_on() -> None:
    cloudformation = CloudFormation(["UPDATE_COMPLETE"], there="CREATE_COMPLETE")
    cloudformation.interrupts = True
    with pytest.raises(stacks.InterruptedUpdate, match=r"^The update of notes goes on: make status tells"):
        deploy(cloudformation)
    assert cloudformation.calls == ["UPDATE", "execute"]
