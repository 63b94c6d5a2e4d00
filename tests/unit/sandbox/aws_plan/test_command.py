"""The command as a whole, on AWS's own answers: what is told, what is left in the account, and what never happens."""

import hashlib
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.stub import ANY, Stubber
from rich.console import Console

from bootstrap.template.artifacts import find, pack
from sandbox.aws_plan import account as accounts
from sandbox.aws_plan import change_set, checks, command
from sandbox.aws_plan import prepared as preparing
from sandbox.aws_plan.account import Account
from sandbox.aws_plan.checks import TemplateError
from sandbox.aws_plan.errors import AwsError
from sandbox.aws_plan.prepared import Prepared
from sandbox.errors import EXIT_OK, UsageError
from tests.unit.sandbox.aws_plan.conftest import ACCOUNT, Stub

BUCKET = f"loadstack-artifacts-{ACCOUNT}-eu-west-1"
ARN = f"arn:aws:cloudformation:eu-west-1:{ACCOUNT}:changeSet/plan/0a1b"
NO_STACK = "Stack with id loadstack-shop does not exist"
CONFIRMED = {"CONFIRM": ACCOUNT}

type Plan = Callable[..., str]


@pytest.fixture
def prepared(tmp_path: Path) -> Prepared:
    """A template of one function, with the parameters of the shop's."""
    (tmp_path / "orders.py").write_text("def handler(event, context): ...")
    template = {
        "Parameters": {"Flow": {"Default": "choreography"}, "MailSender": {"Default": "shop@example.com"}},
        "Resources": {"Orders": {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": "orders.py"}}},
    }
    found = find(template, tmp_path)
    return Prepared(template, found, {each.label: pack(each) for each in found})


@pytest.fixture
def plan(account: Account, prepared: Prepared, monkeypatch: pytest.MonkeyPatch) -> Plan:
    """Runs the command with these words in the environment; what it printed, also where it raises."""
    monkeypatch.setattr(accounts, "of", lambda environment, endpoint: account)
    monkeypatch.setattr(preparing, "prepare", lambda template, region, console: prepared)

    def run(printed: io.StringIO | None = None, **environment: str) -> str:
        text = printed or io.StringIO()
        assert command.run(environment, Console(file=text, soft_wrap=True, highlight=False)) == EXIT_OK
        return text.getvalue()

    return run


def _no_stack(cloudformation: Stubber) -> None:
    cloudformation.add_client_error("describe_stacks", "ValidationError", NO_STACK)


def _upload(s3: Stubber, template: Any = ANY) -> None:
    """The bucket is there; code and template are not."""
    s3.add_response("head_bucket", {}, {"Bucket": BUCKET, "ExpectedBucketOwner": ACCOUNT})
    for body in (ANY, template):
        s3.add_client_error("head_object", "404", http_status_code=404)
        expected = {"Bucket": BUCKET, "Key": ANY, "Body": body, "ExpectedBucketOwner": ACCOUNT}
        s3.add_response("put_object", {}, expected)


def _asked(cloudformation: Stubber, kind: str = "CREATE") -> None:
    expected = {
        "StackName": "loadstack-shop",
        "ChangeSetName": ANY,
        "ChangeSetType": kind,
        "TemplateURL": ANY,
        "Parameters": ANY,
        "Capabilities": ANY,
    }
    cloudformation.add_response("create_change_set", {"Id": ARN, "StackId": "loadstack-shop"}, expected)


def _described(cloudformation: Stubber, **answer: Any) -> None:
    cloudformation.add_response("describe_change_set", answer, {"ChangeSetName": ARN})


def _changes(action: str, **more: Any) -> list[Any]:
    change = {"Action": action, "LogicalResourceId": "Orders", "ResourceType": "AWS::Lambda::Function", **more}
    return [{"Type": "Resource", "ResourceChange": change}]


def test_a_new_stack_is_planned_and_nothing_executed(stub: Stub, plan: Plan, prepared: Prepared) -> None:
    key = f"{hashlib.sha256(next(iter(prepared.contents.values()))).hexdigest()}.zip"
    packaged = json.loads(json.dumps(prepared.template))
    packaged["Resources"]["Orders"]["Properties"]["CodeUri"] = f"s3://{BUCKET}/{key}"
    _no_stack(stub("cloudformation"))
    _upload(stub("s3"), json.dumps(packaged, indent=1).encode())
    _asked(stub("cloudformation"))
    _described(stub("cloudformation"), Status="CREATE_COMPLETE")
    _described(stub("cloudformation"), Changes=_changes("Add"))
    text = plan(**CONFIRMED)
    assert f"Account   {ACCOUNT}, eu-west-1, as arn:aws:iam::{ACCOUNT}:user/me" in text
    assert "1 to add" in text
    assert re.search(r"Add +Orders +AWS::Lambda::Function", text)
    assert "No mail will go out as shop@example.com" in text
    assert f"aws cloudformation execute-change-set --change-set-name {ARN} --region eu-west-1" in text
    assert "aws cloudformation delete-stack --stack-name loadstack-shop --region eu-west-1" in text


def test_the_template_is_where_cloudformation_is_told(stub: Stub, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[change_set.Order] = []

    def create(cloudformation: Any, order: change_set.Order, found: change_set.Found) -> str:
        asked.append(order)
        return ARN

    monkeypatch.setattr(change_set, "create", create)
    _no_stack(stub("cloudformation"))
    _upload(stub("s3"))
    _described(stub("cloudformation"), Status="CREATE_COMPLETE")
    _described(stub("cloudformation"), Changes=[])
    plan(**CONFIRMED, FLOW="saga", PARAMETERS="MailSender=me@here.org")
    (order,) = asked
    assert re.fullmatch(rf"https://s3\.eu-west-1\.amazonaws\.com/{BUCKET}/[0-9a-f]{{64}}\.json", order.template_url)
    assert order.parameters == {"Flow": "saga", "MailSender": "me@here.org"}


def test_a_stack_that_is_there_is_updated(stub: Stub, plan: Plan) -> None:
    stack = {
        "StackName": "loadstack-shop",
        "StackStatus": "CREATE_COMPLETE",
        "CreationTime": "2026-11-22T00:00:00Z",
        "Parameters": [{"ParameterKey": "MailSender", "ParameterValue": "me@here.org"}],
    }
    stub("cloudformation").add_response("describe_stacks", {"Stacks": [stack]})
    _upload(stub("s3"))
    _asked(stub("cloudformation"), "UPDATE")
    _described(stub("cloudformation"), Status="CREATE_COMPLETE")
    gone = {"Action": "Remove", "LogicalResourceId": "OrdersTable", "ResourceType": "AWS::DynamoDB::Table"}
    _described(stub("cloudformation"), Changes=[{"Type": "Resource", "ResourceChange": gone}])
    text = plan(**CONFIRMED)
    assert "With      Flow=choreography, MailSender=me@here.org" in text
    assert "With all that is in them go OrdersTable." in text
    assert f"aws cloudformation delete-change-set --change-set-name {ARN}" in text
    assert "delete-stack" not in text


def test_without_confirmation_nothing_is_uploaded(stub: Stub, plan: Plan) -> None:
    _no_stack(stub("cloudformation"))
    stub("s3")  # and asked for nothing
    text = io.StringIO()
    with pytest.raises(UsageError, match=f"CONFIRM is missing: make aws-plan CONFIRM={ACCOUNT}"):
        plan(text)
    assert f"Account   {ACCOUNT}, eu-west-1" in text.getvalue()
    assert BUCKET in text.getvalue()


def test_the_confirmation_of_another_account_is_refused_before_anything_is_asked(stub: Stub, plan: Plan) -> None:
    stub("cloudformation")
    with pytest.raises(UsageError, match=rf"CONFIRM=210987654321 is not the account .*: {ACCOUNT}\."):
        plan(CONFIRM="210987654321")


def test_no_changes_leave_no_change_set(stub: Stub, plan: Plan) -> None:
    stack = {"StackName": "loadstack-shop", "StackStatus": "UPDATE_COMPLETE", "CreationTime": "2026-11-22T00:00:00Z"}
    stub("cloudformation").add_response("describe_stacks", {"Stacks": [stack]})
    _upload(stub("s3"))
    _asked(stub("cloudformation"), "UPDATE")
    _described(
        stub("cloudformation"),
        Status="FAILED",
        StatusReason="The submitted information didn't contain changes. Submit different information.",
    )
    stub("cloudformation").add_response("delete_change_set", {}, {"ChangeSetName": ARN})
    assert "there is nothing to change" in plan(**CONFIRMED)


def test_a_template_that_cloudformation_refuses_leaves_no_stack(stub: Stub, plan: Plan) -> None:
    _no_stack(stub("cloudformation"))
    _upload(stub("s3"))
    _asked(stub("cloudformation"))
    _described(stub("cloudformation"), Status="FAILED", StatusReason="Transform failed with: nonsense")
    stub("cloudformation").add_response("delete_change_set", {}, {"ChangeSetName": ARN})
    stub("cloudformation").add_response("delete_stack", {}, {"StackName": "loadstack-shop"})
    text = io.StringIO()
    with pytest.raises(AwsError, match="Transform failed with: nonsense"):
        plan(text, **CONFIRMED)
    assert f"There is now in {ACCOUNT}, eu-west-1: the bucket {BUCKET} with what was uploaded (" in text.getvalue()


def test_a_missing_permission_says_what_is_there_by_then(stub: Stub, plan: Plan) -> None:
    _no_stack(stub("cloudformation"))
    _upload(stub("s3"))
    denied = "User: me is not authorized to perform: cloudformation:CreateChangeSet"
    stub("cloudformation").add_client_error("create_change_set", "AccessDenied", denied)
    text = io.StringIO()
    with pytest.raises(AwsError, match="CreateChangeSet is not allowed: User: me is not authorized"):
        plan(text, **CONFIRMED)
    assert f"the bucket {BUCKET} with what was uploaded (" in text.getvalue()


def test_an_interrupt_says_what_is_there_by_then(stub: Stub, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(cloudformation: Any, arn: str) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(change_set, "wait", interrupted)
    _no_stack(stub("cloudformation"))
    _upload(stub("s3"))
    _asked(stub("cloudformation"))
    text = io.StringIO()
    with pytest.raises(KeyboardInterrupt):
        plan(text, **CONFIRMED)
    assert re.search(
        rf"There is now in .*: the bucket {BUCKET} .* and the change set plan-\d+T\d+Z of the stack loadstack-shop",
        text.getvalue(),
    )


def test_an_unknown_parameter_is_refused_before_anything_is_built(
    stub: Stub, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    _no_stack(stub("cloudformation"))
    monkeypatch.delattr(preparing, "prepare")
    with pytest.raises(UsageError, match="no parameter Colour; it has Flow, MailSender"):
        plan(**CONFIRMED, PARAMETERS="Colour=red")


def test_a_template_that_is_not_the_declarations_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "template.yaml"
    with pytest.raises(TemplateError, match=r"template\.yaml is not that of the declaration: make template"):
        checks.require_current(path, "Resources: {}")
    path.write_text("Resources: {}")
    checks.require_current(path, "Resources: {}")
