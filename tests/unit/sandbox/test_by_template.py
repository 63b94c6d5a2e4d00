"""When the stack is CloudFormation's: which template is taken, and when there is nothing to do."""

import io
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from rich.console import Console

from bootstrap import deploy as by_api
from bootstrap.context import Outcome
from bootstrap.flows import Flow
from bootstrap.references import Kind, Ref
from bootstrap.template import shop, stacks
from sandbox import by_template
from sandbox.errors import SetupError

SAGA = {by_template.FLOW: "saga"}


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(by_template, "ROOT", tmp_path)
    monkeypatch.setattr(shop, "render", lambda: "Resources: {}\n")
    return tmp_path


def test_a_template_that_is_missing_is_told(checkout: Path) -> None:
    with pytest.raises(SetupError, match=r"^template.yaml is missing: make template writes it\.$"):
        by_template.read()


def test_a_template_that_the_declaration_does_not_say_is_told(checkout: Path) -> None:
    (checkout / shop.FILE).write_text("Resources: {Mine: {}}\n")
    with pytest.raises(SetupError, match="is not what bootstrap/ declares: make template"):
        by_template.read()


def test_the_template_that_the_declaration_says_is_taken(checkout: Path) -> None:
    (checkout / shop.FILE).write_text("Resources: {}\n")
    assert by_template.read() == shop.template()


def test_the_template_takes_each_flow_by_the_parameter_that_we_give() -> None:
    assert set(shop.template()["Parameters"][by_template.FLOW]["AllowedValues"]) == {flow.value for flow in Flow}


class CloudFormation:
    """The stack `shop`, made of `template` with `Flow`; `status` None is none at all."""

    def __init__(self, template: Any, flow: str, status: str | None = "CREATE_COMPLETE") -> None:
        self.template, self.flow, self.status = template, flow, status
        self.cloudformation = self

    def describe_stacks(self, **_: Any) -> dict[str, Any]:
        if self.status is None:
            raise ClientError({"Error": {"Code": "ValidationError", "Message": "Stack does not exist"}}, "D")
        parameters = [{"ParameterKey": "Flow", "ParameterValue": self.flow}, {"ParameterKey": "MailSender"}]
        return {"Stacks": [{"StackStatus": self.status, "Parameters": parameters}]}

    def get_template(self, *, TemplateStage: str, **_: Any) -> dict[str, Any]:
        assert TemplateStage == "Original"
        return {"TemplateBody": self.template}


@pytest.mark.parametrize(
    ("there", "is_deployed"),
    [
        (CloudFormation({"Resources": {}}, "saga"), True),
        (CloudFormation(json.dumps({"Resources": {}}), "saga", "UPDATE_COMPLETE"), True),
        (CloudFormation({"Resources": {"Other": {}}}, "saga"), False),
        (CloudFormation({"Resources": {}}, "choreography"), False),
        (CloudFormation({"Resources": {}}, "saga", "UPDATE_ROLLBACK_COMPLETE"), False),
        (CloudFormation({"Resources": {}}, "saga", None), False),
    ],
    ids=["the same", "the same as text", "other template", "other flow", "rolled back", "none"],
)
def test_there_is_nothing_to_do_only_where_template_and_parameters_are_the_same(
    there: CloudFormation, is_deployed: bool
) -> None:
    assert by_template.is_deployed(there, {"Resources": {}}, SAGA) is is_deployed


def test_what_was_not_updated_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    note = stacks.Note("OrdersFunction", "AWS::Lambda::Function", "Not updated (VpcConfig): LocalStack cannot")
    monkeypatch.setattr(by_template, "_packaged", lambda *_: {})
    monkeypatch.setattr(by_template, "is_deployed", lambda *_: False)
    monkeypatch.setattr(by_template.stacks, "deploy", lambda *_: stacks.Deployed("shop", False, True, {}, (note,)))
    monkeypatch.setattr(by_template, "correct_functions", lambda *_: [])
    console = Console(width=200)
    with console.capture() as capture:
        anything: Any = None
        assert by_template.deploy(anything, {}, Flow.SAGA, anything, anything, console)
    assert "Not updated (VpcConfig): LocalStack cannot: OrdersFunction (AWS::Lambda::Function)" in capture.get()


def test_what_make_deploy_changed_is_put_right_of_each_function(monkeypatch: pytest.MonkeyPatch) -> None:
    orders, mapping = Ref(Kind.FUNCTION, "orders"), Ref(Kind.EVENT_SOURCE_MAPPING, "orders:orders")
    outcomes = {
        "orders": ((orders, Outcome.UPDATED), (mapping, Outcome.UNCHANGED)),
        "users": ((Ref(Kind.FUNCTION, "users"), Outcome.UNCHANGED),),
    }

    def deploy(clients: Any, declared: Any, built: Any, only: str) -> by_api.Report:
        return by_api.Report(outcomes.pop(only))

    monkeypatch.setattr(by_api, "deploy", deploy)
    declared: Any = SimpleNamespace(of=lambda kind: [SimpleNamespace(name=name) for name in ("orders", "users")])
    nobody: Any = None
    assert by_template.correct_functions(nobody, declared, nobody) == [orders]
    assert outcomes == {}


def test_an_interrupted_update_is_told_to_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: Any) -> stacks.Deployed:
        raise stacks.InterruptedUpdate("The update of shop goes on.")

    monkeypatch.setattr(by_template, "_packaged", lambda *arguments: {})
    monkeypatch.setattr(stacks, "deploy", interrupted)
    said = io.StringIO()
    there: Any = CloudFormation({}, "saga", "UPDATE_ROLLBACK_COMPLETE")
    nobody: Any = None
    with pytest.raises(stacks.InterruptedUpdate):
        by_template.deploy(there, {}, Flow.SAGA, nobody, nobody, Console(file=said, width=100))
    assert "The update of shop goes on." in said.getvalue()
