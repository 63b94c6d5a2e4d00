from datetime import UTC, datetime
from typing import Any

import pytest

from sandbox.aws_plan import change_set, screen
from sandbox.aws_plan.change_set import Change, Found, Kind, Order
from sandbox.aws_plan.errors import AwsError
from tests.unit.sandbox.aws_plan.conftest import Stub

ARN = "arn:aws:cloudformation:eu-west-1:123456789012:changeSet/plan-1/0a1b"
DECLARED = frozenset({"Flow", "MailSender"})
ORDER = Order("shop", "plan-1", "https://s3.eu-west-1.amazonaws.com/mine/t.json", {"Flow": "saga"})
NOTHING = "The submitted information didn't contain changes. Submit different information to create a change set."


def _stack(status: str, *parameters: str) -> dict[str, Any]:
    return {
        "Stacks": [
            {
                "StackName": "shop",
                "StackStatus": status,
                "CreationTime": datetime(2026, 11, 22, tzinfo=UTC),
                "Parameters": [{"ParameterKey": each, "ParameterValue": "x"} for each in parameters],
            }
        ]
    }


def test_no_stack_is_one_to_create(stub: Stub) -> None:
    message = "Stack with id shop does not exist"
    stub("cloudformation").add_client_error("describe_stacks", "ValidationError", message)
    found = change_set.find(stub("cloudformation").client, "shop", DECLARED)
    assert (found, found.kind) == (Found(), Kind.CREATE)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("REVIEW_IN_PROGRESS", Kind.CREATE),
        ("CREATE_COMPLETE", Kind.UPDATE),
        ("UPDATE_COMPLETE", Kind.UPDATE),
        ("UPDATE_ROLLBACK_COMPLETE", Kind.UPDATE),
    ],
)
def test_what_becomes_of_a_stack_depends_on_its_status(stub: Stub, status: str, kind: Kind) -> None:
    stub("cloudformation").add_response("describe_stacks", _stack(status, "Flow", "Former"), {"StackName": "shop"})
    found = change_set.find(stub("cloudformation").client, "shop", DECLARED)
    assert (found, found.kind) == (Found(status, {"Flow": "x"}), kind)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("UPDATE_IN_PROGRESS", "wait until that is over"),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "wait until that is over"),
        ("ROLLBACK_COMPLETE", "must go first, by aws cloudformation delete-stack"),
        ("DELETE_FAILED", "must go first, by aws cloudformation delete-stack"),
        ("UPDATE_ROLLBACK_FAILED", "continue-update-rollback first"),
    ],
)
def test_a_stack_that_no_change_set_can_be_made_for(stub: Stub, status: str, said: str) -> None:
    stub("cloudformation").add_response("describe_stacks", _stack(status))
    with pytest.raises(AwsError, match=f"shop is {status}.*{said}"):
        change_set.find(stub("cloudformation").client, "shop", DECLARED)


def test_a_new_stack_gets_what_is_given(stub: Stub) -> None:
    stub("cloudformation").add_response(
        "create_change_set",
        {"Id": ARN, "StackId": "shop"},
        {
            "StackName": "shop",
            "ChangeSetName": "plan-1",
            "ChangeSetType": "CREATE",
            "TemplateURL": ORDER.template_url,
            "Parameters": [{"ParameterKey": "Flow", "ParameterValue": "saga"}],
            "Capabilities": ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        },
    )
    assert change_set.create(stub("cloudformation").client, ORDER, Found()) == ARN


def test_a_stack_keeps_the_values_that_are_not_given(stub: Stub) -> None:
    stub("cloudformation").add_response(
        "create_change_set",
        {"Id": ARN, "StackId": "shop"},
        {
            "StackName": "shop",
            "ChangeSetName": "plan-1",
            "ChangeSetType": "UPDATE",
            "TemplateURL": ORDER.template_url,
            "Parameters": [
                {"ParameterKey": "Flow", "ParameterValue": "saga"},
                {"ParameterKey": "MailSender", "UsePreviousValue": True},
            ],
            "Capabilities": ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        },
    )
    found = Found("CREATE_COMPLETE", {"MailSender": "me@here.org", "Flow": "choreography"})
    assert change_set.create(stub("cloudformation").client, ORDER, found) == ARN


def test_waiting_ends_when_the_change_set_is_there(stub: Stub) -> None:
    paused: list[float] = []
    for status in ("CREATE_PENDING", "CREATE_IN_PROGRESS", "CREATE_COMPLETE"):
        stub("cloudformation").add_response("describe_change_set", {"Status": status}, {"ChangeSetName": ARN})
    assert change_set.wait(stub("cloudformation").client, ARN, paused.append)
    assert len(paused) == 2


@pytest.mark.parametrize("reason", [NOTHING, "No updates are to be performed."])
def test_nothing_to_change_is_no_failure(stub: Stub, reason: str) -> None:
    stub("cloudformation").add_response("describe_change_set", {"Status": "FAILED", "StatusReason": reason})
    assert not change_set.wait(stub("cloudformation").client, ARN, lambda _: None)


def test_what_cloudformation_cannot_deploy_is_told_in_its_words(stub: Stub) -> None:
    reason = "Transform AWS::Serverless-2016-10-31 failed with: Invalid Serverless Application.\n Unknown event."
    stub("cloudformation").add_response("describe_change_set", {"Status": "FAILED", "StatusReason": reason})
    with pytest.raises(AwsError, match=r"cannot deploy the template: Transform .* Application\. Unknown event\.$"):
        change_set.wait(stub("cloudformation").client, ARN, lambda _: None)


def test_waiting_has_an_end(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change_set, "PATIENCE_S", 4)
    for _ in range(2):
        stub("cloudformation").add_response("describe_change_set", {"Status": "CREATE_IN_PROGRESS"})
    with pytest.raises(AwsError, match=ARN):
        change_set.wait(stub("cloudformation").client, ARN, lambda _: None)


def _resource(action: str, name: str, kind: str, **more: Any) -> dict[str, Any]:
    changed = {"Action": action, "LogicalResourceId": name, "ResourceType": kind, **more}
    return {"Type": "Resource", "ResourceChange": changed}


def test_changes_of_all_pages_are_told(stub: Stub) -> None:
    code = [{"Target": {"Attribute": "Properties", "Name": name}} for name in ("Timeout", "Code", "Code")]
    first = _resource("Modify", "Orders", "AWS::Lambda::Function", Replacement="False", Details=code)
    second = _resource("Remove", "OrdersTable", "AWS::DynamoDB::Table", PolicyAction="Delete")
    page = {"Changes": [first], "NextToken": "more"}
    stub("cloudformation").add_response("describe_change_set", page, {"ChangeSetName": ARN})
    page = {"Changes": [second]}
    stub("cloudformation").add_response("describe_change_set", page, {"ChangeSetName": ARN, "NextToken": "more"})
    assert change_set.changes(stub("cloudformation").client, ARN) == (
        Change("Modify", "Orders", "AWS::Lambda::Function", "False", ("Code", "Timeout")),
        Change("Remove", "OrdersTable", "AWS::DynamoDB::Table", "", ()),
    )


def test_what_came_to_nothing_goes_with_the_stack_that_came_with_it(stub: Stub) -> None:
    stub("cloudformation").add_response("delete_change_set", {}, {"ChangeSetName": ARN})
    stub("cloudformation").add_response("delete_stack", {}, {"StackName": "shop"})
    change_set.discard(stub("cloudformation").client, ARN, ORDER, Found())


@pytest.mark.parametrize("status", ["REVIEW_IN_PROGRESS", "UPDATE_COMPLETE"])
def test_a_stack_that_was_there_before_stays(stub: Stub, status: str) -> None:
    stub("cloudformation").add_response("delete_change_set", {}, {"ChangeSetName": ARN})
    change_set.discard(stub("cloudformation").client, ARN, ORDER, Found(status))


def test_the_table_begins_with_what_goes_away() -> None:
    changes = [
        Change("Add", "Bus", "AWS::Events::EventBus", "", ()),
        Change("Modify", "Orders", "AWS::Lambda::Function", "False", ("Code",)),
        Change("Remove", "OrdersTable", "AWS::DynamoDB::Table", "", ()),
    ]
    assert list(screen.table(changes)) == [
        "",
        "action  logical id   type                   replacement  changes",
        "Remove  OrdersTable  AWS::DynamoDB::Table   -",
        "Modify  Orders       AWS::Lambda::Function  False        Code",
        "Add     Bus          AWS::Events::EventBus  -",
    ]
    assert screen.summary(changes) == "1 to add, 1 to modify, 1 to remove"


def test_no_change_of_a_resource_is_said_in_words() -> None:
    assert list(screen.table([])) == []
    assert screen.summary([]) == "no resource, at most outputs"


def test_data_that_would_go_is_named() -> None:
    table, function = "AWS::DynamoDB::Table", "AWS::Lambda::Function"
    changes = [
        Change("Remove", "Gone", table, "", ()),
        Change("Modify", "Replaced", table, "True", ()),
        Change("Modify", "Perhaps", table, "Conditional", ()),
        Change("Modify", "InPlace", table, "False", ()),
        Change("Remove", "Retained", table, "", (), is_kept=True),
        Change("Add", "New", table, "", ()),
        Change("Remove", "Function", function, "", ()),
    ]
    assert screen.loses_data(changes) == ["Gone", "Perhaps", "Replaced"]
