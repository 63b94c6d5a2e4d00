"""`make up TEMPLATE=`: stacks of users' own, in the sandbox, whole or not at all."""

import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from rich.console import Console

from bootstrap.clients import Clients
from bootstrap.errors import DeployError
from bootstrap.template import stacks
from sandbox import preflight
from sandbox.host_engine import HostEngine
from sandbox.iam import command as iam
from sandbox.own_stack import status, up
from sandbox.own_stack.record import read
from sandbox.paths import ROOT
from sandbox.target import Target
from tests.waiting import until

pytestmark = pytest.mark.slow

EXAMPLES = ROOT / "examples" / "templates"
BROKEN_LATE = """
Resources:
  First: {Type: AWS::SQS::Queue, Properties: {QueueName: of-half-a-stack}}
  Second:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {FunctionName: nobody, EventSourceArn: !GetAtt First.Arn}
"""
QUEUE = """
Resources:
  Kept: {Type: AWS::SQS::Queue, Properties: {QueueName: kept, VisibilityTimeout: 10}}
  Group: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /kept, RetentionInDays: 1}}
Outputs:
  Url: {Value: !Ref Kept}
"""


class Sandbox:
    """A sandbox that runs one stack after the other, as after `make down`, but for the time that takes."""

    def __init__(self, engine: HostEngine, aws: Any, folder: Path) -> None:
        self.target = Target(engine.endpoint, engine)
        self.aws = aws
        self.folder = folder
        self.said = io.StringIO()

    def up(self, template: Path | str, **words: str) -> dict[str, str]:
        """The outputs of the stack."""
        console = Console(file=self.said, width=200)
        assert up.run(self.target, {"TEMPLATE": str(template), **words}, console) == 0
        own = read(self.engine.run)
        assert own is not None
        stack = stacks.describe(self.clients, own.stack)
        return stacks.outputs_of(stack)

    def copy(self, name: str) -> Path:
        """An example, to be changed."""
        return Path(shutil.copytree(EXAMPLES / name, self.folder / name))

    def write(self, text: str) -> Path:
        path = self.folder / "stack.yaml"
        path.write_text(text)
        return path

    def new(self) -> None:
        (self.engine.run / preflight.OWN_STACK).unlink(missing_ok=True)

    @property
    def engine(self) -> HostEngine:
        assert isinstance(self.target.engine, HostEngine)
        return self.target.engine

    @property
    def clients(self) -> Any:
        return Clients(self.target.endpoint)


@pytest.fixture
def sandbox(engine: HostEngine, aws: Any, tmp_path: Path) -> Iterator[Sandbox]:
    sandbox = Sandbox(engine, aws, tmp_path)
    yield sandbox
    if own := read(engine.run):
        stacks.delete(sandbox.clients, own.stack)
    sandbox.new()


def test_a_sam_api_answers_and_an_edit_is_live(sandbox: Sandbox) -> None:
    folder = sandbox.copy("notes-api")
    outputs = sandbox.up(folder)
    note = f"{outputs['Url']}/notes/1"
    assert requests.get(note, timeout=30).status_code == 404
    assert requests.put(note, json={"text": "milk"}, timeout=30).status_code == 201
    assert requests.get(note, timeout=30).json() == {"id": "1", "text": "milk", "greeting": "hello"}
    assert _held(sandbox, outputs["Table"]) == {
        "dynamodb:GetItem": [],
        "dynamodb:PutItem": [],
        "logs:CreateLogStream": [],
        "logs:PutLogEvents": [],
    }, "of attached policies too: logs are in AWS's own"
    assert not _log_group_grant_is_unused(sandbox), "Lambda makes the log groups"
    edit(folder / "src" / "notes.py", "no such note", "none")
    edit(folder / "layer" / "python" / "wording" / "__init__.py", "hello", "hi")
    assert requests.get(note, timeout=30).json()["greeting"] == "hi"
    assert requests.get(f"{outputs['Url']}/notes/2", timeout=30).json() == {"error": "none"}
    edit(folder / "template.yaml", "/notes/{id}", "/pages/{id}")
    sandbox.up(folder)
    assert requests.get(f"{outputs['Url']}/pages/1", timeout=30).json()["text"] == "milk", "the API was updated"
    assert requests.get(note, timeout=30).status_code == 403
    assert sandbox.up(folder) == outputs
    assert "nothing to change" in sandbox.said.getvalue()


def test_a_queue_is_worked_off_and_what_fails_lies_in_the_dead_letters(sandbox: Sandbox) -> None:
    outputs = sandbox.up(EXAMPLES / "queue-to-topic")
    sqs = sandbox.aws("sqs")
    for body in ("7", "seven"):
        sqs.send_message(QueueUrl=outputs["Jobs"], MessageBody=body)
    assert json.loads(_message(sqs, outputs["Results"])) == {"number": 7, "square": 49}
    assert _message(sqs, outputs["DeadLetters"]) == "seven"
    concurrency = sandbox.aws("lambda").get_function_concurrency(FunctionName=outputs["Worker"])
    assert concurrency["ReservedConcurrentExecutions"] == 5
    console = Console(file=sandbox.said, width=200)
    own = read(sandbox.engine.run)
    assert own is not None
    assert status.run(sandbox.target, own, console) == 0
    assert status.reset(sandbox.target, console) == 0


def test_a_state_machine_runs_and_a_parameter_changes_what_it_decides(sandbox: Sandbox) -> None:
    outputs = sandbox.up(EXAMPLES / "approval-workflow")
    order = {"items": [{"price": 30, "quantity": 3}]}
    assert _execute(sandbox, outputs["StateMachine"], order)["outcome"] == "approved"
    sandbox.up(EXAMPLES / "approval-workflow", PARAMETERS="Limit=50")
    refused = _execute(sandbox, outputs["StateMachine"], order)
    assert (refused["total"], refused["outcome"]) == (90, "refused")
    sandbox.up(EXAMPLES / "approval-workflow")
    assert _execute(sandbox, outputs["StateMachine"], order)["outcome"] == "refused", "the parameter stays"


def test_events_are_matched_archived_and_the_dashboard_is_there(sandbox: Sandbox) -> None:
    outputs = sandbox.up(EXAMPLES / "events-and-schedule")
    events, table = sandbox.aws("events"), sandbox.aws("dynamodb")
    for sensor, celsius in (("cold", 10), ("hot", 40)):
        detail = json.dumps({"sensor": sensor, "celsius": celsius})
        entry = {"EventBusName": outputs["Bus"], "Source": "readings", "DetailType": "reading", "Detail": detail}
        assert events.put_events(Entries=[entry])["FailedEntryCount"] == 0

    def seen() -> set[str]:
        return {each["id"]["S"] for each in table.scan(TableName=outputs["Table"])["Items"]} - {"schedule"}

    until(lambda: seen() == {"hot"})
    archive = events.describe_archive(ArchiveName=outputs["Archive"])
    assert (archive["RetentionDays"], archive["EventCount"]) == (7, 2)
    dashboard = sandbox.aws("cloudwatch").get_dashboard(DashboardName=outputs["Dashboard"])
    assert "Invocations" in dashboard["DashboardBody"]
    schedules = sandbox.aws("scheduler").list_schedules()["Schedules"]
    assert any("EveryMinute" in each["Target"]["Arn"] for each in schedules)


def test_conditions_and_mappings_decide_and_an_upload_calls_a_function(sandbox: Sandbox) -> None:
    outputs = sandbox.up(EXAMPLES / "settings", PARAMETERS="Stage=dev")
    assert "Backups" not in outputs
    configuration = sandbox.aws("lambda").get_function_configuration(FunctionName=outputs["Function"])
    assert configuration["MemorySize"] == 256
    [group] = sandbox.aws("logs").describe_log_groups(logGroupNamePrefix="/settings/dev")["logGroups"]
    assert group["retentionInDays"] == 1
    s3, ssm = sandbox.aws("s3"), sandbox.aws("ssm")
    [rule] = s3.get_bucket_lifecycle_configuration(Bucket=outputs["Bucket"])["Rules"]
    assert (rule["Filter"], rule["Expiration"]) == ({"Prefix": "incoming/"}, {"Days": 1})
    s3.put_object(Bucket=outputs["Bucket"], Key="incoming/a", Body=b"12345")

    def noted() -> str:
        value: str = ssm.get_parameter(Name=outputs["Parameter"])["Parameter"]["Value"]
        return value

    until(lambda: noted() == "5 (small)")


def test_what_cdk_synth_writes_runs_without_a_bootstrap(sandbox: Sandbox) -> None:
    outputs = sandbox.up(EXAMPLES / "cdk")
    dynamodb = sandbox.aws("dynamodb")
    for name in ("a", "b"):
        dynamodb.put_item(TableName=outputs["Items"], Item={"id": {"S": name}})

    def counted() -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = dynamodb.scan(TableName=outputs["Counts"])["Items"]
        return items

    until(lambda: counted() == [{"kind": {"S": "INSERT"}, "total": {"N": "2"}}])


def test_a_stack_that_fails_leaves_nothing(sandbox: Sandbox) -> None:
    with pytest.raises(DeployError, match=r"Second \(AWS::Lambda::EventSourceMapping\): CREATE_FAILED: ") as caught:
        sandbox.up(sandbox.write(BROKEN_LATE))
    assert "\n" not in str(caught.value)
    assert "QueueUrls" not in sandbox.aws("sqs").list_queues(QueueNamePrefix="of-half-a-stack")
    assert stacks.describe(sandbox.clients, "stack") is None


def test_an_update_that_fails_leaves_the_old_stack(sandbox: Sandbox) -> None:
    outputs = sandbox.up(sandbox.write(QUEUE))
    changed = QUEUE.replace("VisibilityTimeout: 10", "VisibilityTimeout: 20").replace("InDays: 1", "InDays: 3")
    broken = changed.replace("Outputs:", f"{BROKEN_LATE.partition('Resources:')[2].lstrip('\n')}Outputs:")
    with pytest.raises(DeployError, match="Second"):
        sandbox.up(sandbox.write(broken))
    sqs, logs = sandbox.aws("sqs"), sandbox.aws("logs")
    attributes = sqs.get_queue_attributes(QueueUrl=outputs["Url"], AttributeNames=["VisibilityTimeout"])["Attributes"]
    assert attributes == {"VisibilityTimeout": "10"}
    assert logs.describe_log_groups(logGroupNamePrefix="/kept")["logGroups"][0]["retentionInDays"] == 1
    assert "QueueUrls" not in sqs.list_queues(QueueNamePrefix="of-half-a-stack")
    stack = stacks.describe(sandbox.clients, "stack")
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert sandbox.up(sandbox.write(QUEUE.replace("VisibilityTimeout: 10", "VisibilityTimeout: 30"))) == outputs
    attributes = sqs.get_queue_attributes(QueueUrl=outputs["Url"], AttributeNames=["VisibilityTimeout"])["Attributes"]
    assert attributes == {"VisibilityTimeout": "30"}, "the next update works"


def _held(sandbox: Sandbox, table: str) -> dict[str, list[str]]:
    """By action, what is missing of what the functions that use the table called and are asked for."""
    result = iam.held(sandbox.target, iam.record_of(sandbox.target))
    callers = {each.caller for each in result.calls if (each.resource or "").endswith(f"table/{table}")}
    assert callers
    missing = [each for each in result.missing if each.call.caller in callers]
    actions = {each.action for each in result.calls if each.caller in callers}
    return {action: [str(each) for each in missing if each.call.action == action] for action in sorted(actions)}


def _log_group_grant_is_unused(sandbox: Sandbox) -> bool:
    result = iam.held(sandbox.target, iam.record_of(sandbox.target))
    return any(str(each.grant.action) == "logs:CreateLogGroup" for each in result.unused)


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def _message(sqs: Any, url: str) -> str:
    found: list[str] = []

    def receive() -> bool:
        answer = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=2)
        found.extend(each["Body"] for each in answer.get("Messages", ()))
        return bool(found)

    until(receive)
    return found[0]


def _execute(sandbox: Sandbox, machine: str, order: dict[str, Any]) -> dict[str, Any]:
    states = sandbox.aws("stepfunctions")
    execution = states.start_execution(stateMachineArn=machine, input=json.dumps(order))["executionArn"]

    def found() -> dict[str, Any]:
        answer: dict[str, Any] = states.describe_execution(executionArn=execution)
        return answer

    until(lambda: found()["status"] != "RUNNING")
    assert found()["status"] == "SUCCEEDED", found()
    result: dict[str, Any] = json.loads(found()["output"])
    return result
