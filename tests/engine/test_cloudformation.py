"""CloudFormation makes what LocalStack's lacks, changes what it leaves as it was, and tells what it cannot make."""

import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from tests.conftest import Aws
from tests.engine.cloudformation_seen import seen
from tests.engine.cloudformation_types import FIRST, TRUST, resource, second, table
from tests.waiting import until

pytestmark = pytest.mark.slow
NAME = "cloudformation-types"


class Stack:
    def __init__(self, aws: Aws, name: str) -> None:
        self.client: Any = aws("cloudformation")
        self.name = name

    def create(self, resources: dict[str, Any]) -> str:
        self.client.create_stack(StackName=self.name, TemplateBody=json.dumps({"Resources": resources}))
        return self.settled()

    def update(self, resources: dict[str, Any]) -> str:
        self.client.update_stack(
            StackName=self.name,
            TemplateBody=json.dumps({"Resources": resources}),
            Capabilities=["CAPABILITY_AUTO_EXPAND"],
        )
        return self.settled()

    def put(self, template: dict[str, Any]) -> None:
        """Create it, or update it."""
        names = {each["StackName"] for each in self.client.describe_stacks()["Stacks"]}
        call = self.client.update_stack if self.name in names else self.client.create_stack
        call(StackName=self.name, TemplateBody=json.dumps(template))
        status = self.settled()
        assert status in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), (status, self.reasons())

    def delete(self) -> str:
        arn = self.client.describe_stacks(StackName=self.name)["Stacks"][0]["StackId"]
        self.client.delete_stack(StackName=arn)
        return self.settled(arn)

    def reasons(self) -> dict[str, str]:
        """By logical id, the newest."""
        events = self.client.describe_stack_events(StackName=self.name)["StackEvents"][::-1]
        return {each["LogicalResourceId"]: each.get("ResourceStatusReason", "") for each in events}

    def resources(self) -> dict[str, str | None]:
        """Physical ids by logical ones."""
        found = self.client.describe_stack_resources(StackName=self.name)["StackResources"]
        return {each["LogicalResourceId"]: each.get("PhysicalResourceId") for each in found}

    def change_set(self, template: dict[str, Any]) -> str:
        """The status of one that is made, and not executed."""
        made = self.client.create_change_set(
            StackName=self.name,
            ChangeSetName=f"c{uuid.uuid4().hex}",
            TemplateBody=json.dumps(template),
            Capabilities=["CAPABILITY_AUTO_EXPAND"],
        )["Id"]
        status: str = self.client.describe_change_set(ChangeSetName=made)["Status"]
        return status

    def status(self) -> str:
        found: str = self.client.describe_stacks(StackName=self.name)["Stacks"][0]["StackStatus"]
        return found

    def settled(self, name: str | None = None) -> str:
        def status() -> str:
            found: str = self.client.describe_stacks(StackName=name or self.name)["Stacks"][0]["StackStatus"]
            return "" if found.endswith("_IN_PROGRESS") else found

        return until(status)


@pytest.fixture
def stack(aws: Aws) -> Iterator[Callable[[str], Stack]]:
    made: list[Stack] = []

    def of(name: str) -> Stack:
        made.append(Stack(aws, name))
        return made[-1]

    yield of
    for each in made:
        stacks = each.client.describe_stacks()["Stacks"]
        if any(found["StackName"] == each.name and found["StackStatus"] != "DELETE_COMPLETE" for found in stacks):
            each.delete()


def test_each_type_is_made_changed_and_deleted(aws: Aws, stack: Callable[[str], Stack]) -> None:
    types = stack(NAME)
    assert types.create(FIRST) == "CREATE_COMPLETE", types.reasons()
    assert seen(aws) == {
        "archive": (1, {"source": ["one"]}),
        "rule": ({"source": ["one"]}, ["queue"]),
        "dashboard": {"widgets": []},
        "alarm": 1.0,
        "retention": 1,
        "filter": "ERROR",
        "table": (["id"], None, "ENABLED", []),
        "bucket": ([1], True),
        "secret": ("first", ["team"]),
        "subscription": ({"kind": ["a"]}, "true"),
        "function": ({"A": "1"}, 7, True, 2, {"team": "shop"}),
        "mapping": (2, 1),
        "machine": ("cfn-role", [{"key": "team", "value": "shop"}]),
        "role": ["send"],
        "mail": "One",
        "sender": True,
        "authorizer": 60,
        "method": ("CUSTOM", ["200"], ["200"]),
        "stage": ({"one": "1", "two": "2"}, None, 7.0, 9, ["*/*", "things/GET"], "$context.requestId"),
    }
    assert types.update(second()) == "UPDATE_COMPLETE", types.reasons()
    assert [reason for reason in types.reasons().values() if reason.startswith("Not updated")] == []
    assert seen(aws) == {
        "archive": (2, {"source": ["two"]}),
        "rule": ({"source": ["two"]}, []),
        "dashboard": {"widgets": [], "periodOverride": "auto"},
        "alarm": 5.0,
        "retention": 3,
        "filter": "WARNING",
        "table": (["id", "kind"], "NEW_IMAGE", "DISABLED", ["by-kind"]),
        "bucket": ([2], False),
        "secret": ("second", []),
        "subscription": ({}, "false"),
        "function": ({}, 3, False, None, {}),
        "mapping": (None, 0),
        "machine": ("other", [{"key": "team", "value": "other"}]),
        "role": ["send"],
        "mail": "Two",
        "sender": True,
        "authorizer": 0,
        "method": ("NONE", ["201"], ["201"]),
        "stage": ({"two": "II"}, "the second", 7.0, 9, ["*/*"], None),
    }
    assert types.delete() == "DELETE_COMPLETE"
    assert aws("events").list_archives(NamePrefix="cfn-")["Archives"] == []
    assert [bus["Name"] for bus in aws("events").list_event_buses(NamePrefix="cfn-")["EventBuses"]] == []
    assert aws("cloudwatch").list_dashboards(DashboardNamePrefix="cfn-")["DashboardEntries"] == []
    assert "cfn@example.com" not in aws("ses").list_identities()["Identities"]


def test_an_update_that_fails_is_undone(aws: Aws, stack: Callable[[str], Stack]) -> None:
    undone = stack("undone")
    queue = resource("AWS::SQS::Queue", QueueName="cfn-undone", VisibilityTimeout=10)
    gone = resource("AWS::SNS::Topic", TopicName="cfn-stays")
    assert undone.create({"Queue": queue, "Topic": gone}) == "CREATE_COMPLETE"
    changed = resource("AWS::SQS::Queue", QueueName="cfn-undone", VisibilityTimeout=20)
    new = {**resource("AWS::SQS::Queue", QueueName="cfn-new"), "DependsOn": "Queue"}
    fails = {
        **resource("AWS::SNS::Subscription", Protocol="sqs", TopicArn="arn:aws:sns:us-east-1:000000000000:none"),
        "DependsOn": "New",
    }
    assert undone.update({"Queue": changed, "New": new, "Fails": fails}) == "UPDATE_ROLLBACK_COMPLETE"
    sqs = aws("sqs")
    url = sqs.get_queue_url(QueueName="cfn-undone")["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"]
    assert attributes == {"VisibilityTimeout": "10"}
    assert "QueueUrls" not in sqs.list_queues(QueueNamePrefix="cfn-new")
    topics = {each["TopicArn"].split(":")[-1] for each in aws("sns").list_topics()["Topics"]}
    assert "cfn-stays" in topics, "what was to be deleted is there"


def test_a_stack_that_fails_is_taken_back(aws: Aws, stack: Callable[[str], Stack]) -> None:
    fails = resource("AWS::SNS::Subscription", Protocol="sqs", TopicArn="arn:aws:sns:us-east-1:000000000000:none")
    queue = resource("AWS::SQS::Queue", QueueName="cfn-half")
    half = stack("half")
    assert half.create({"Queue": queue, "Fails": {**fails, "DependsOn": "Queue"}}) == "ROLLBACK_COMPLETE"
    assert "QueueUrls" not in aws("sqs").list_queues(QueueNamePrefix="cfn-half")
    assert half.delete() == "DELETE_COMPLETE"


def test_a_resource_that_fails_is_undone_too(aws: Aws, stack: Callable[[str], Stack]) -> None:
    """It is made, or half changed, by the time it fails: 950 of 1,000 executions cannot be reserved."""

    def function(memory: int, **more: Any) -> dict[str, Any]:
        role = f"arn:aws:iam::{'0' * 12}:role/none"
        code = {"ZipFile": "def handler(event, context): pass"}
        names = {"FunctionName": "cfn-fails", "Runtime": "python3.13", "Handler": "index.handler"}
        return {"Work": resource("AWS::Lambda::Function", **names, Role=role, Code=code, MemorySize=memory, **more)}

    def found() -> tuple[int, int | None]:
        answer = aws("lambda").get_function(FunctionName="cfn-fails")
        reserved = answer.get("Concurrency", {}).get("ReservedConcurrentExecutions")
        return answer["Configuration"]["MemorySize"], reserved

    failing = stack("failing")
    assert failing.create(function(128, ReservedConcurrentExecutions=950)) == "ROLLBACK_COMPLETE"
    assert "cfn-fails" not in [each["FunctionName"] for each in aws("lambda").list_functions()["Functions"]]
    assert failing.delete() == "DELETE_COMPLETE"
    assert failing.create(function(128)) == "CREATE_COMPLETE", failing.reasons()
    assert failing.update(function(256, ReservedConcurrentExecutions=950)) == "UPDATE_ROLLBACK_COMPLETE"
    assert found() == (128, None)
    assert failing.update(function(256, ReservedConcurrentExecutions=2)) == "UPDATE_COMPLETE", failing.reasons()
    assert found() == (256, 2)
    assert failing.update(function(256)) == "UPDATE_COMPLETE", failing.reasons()
    assert found() == (256, None)


def test_a_table_that_fails_half_way_is_undone_too(aws: Aws, stack: Callable[[str], Stack]) -> None:
    def index(name: str, key: str) -> dict[str, Any]:
        keys = [{"AttributeName": key, "KeyType": "HASH"}]
        return {"IndexName": name, "KeySchema": keys, "Projection": {"ProjectionType": "ALL"}}

    half, first = stack("half-a-table"), table(("id",))
    second = table(
        ("id", "kind"),
        StreamSpecification={"StreamViewType": "NEW_IMAGE"},
        GlobalSecondaryIndexes=[index("by-kind", "kind"), index("by-nothing", "undefined")],
    )
    for each in (first, second):
        each["Properties"]["TableName"] = "cfn-half"
    assert half.create({"Table": first}) == "CREATE_COMPLETE", half.reasons()
    assert half.update({"Table": second}) == "UPDATE_ROLLBACK_COMPLETE", half.reasons()
    found = aws("dynamodb").describe_table(TableName="cfn-half")["Table"]
    assert not found.get("StreamSpecification", {}).get("StreamEnabled")
    assert found.get("GlobalSecondaryIndexes", []) == []


def test_what_a_rollback_cannot_undo_goes_with_the_stack(aws: Aws, stack: Callable[[str], Stack]) -> None:
    """The custom resource refuses to be deleted for as long as its function is there."""
    fails = resource("AWS::SNS::Subscription", Protocol="sqs", TopicArn="arn:aws:sns:us-east-1:000000000000:none")
    held = stack("held")
    assert held.create({**custom("stay"), "Fails": {**fails, "DependsOn": "Thing"}}) == "ROLLBACK_FAILED"
    assert held.resources() == {"Fails": None, "Thing": "thing-1"}
    assert held.delete() == "DELETE_COMPLETE"


def test_a_change_set_that_is_refused_or_left_is_nothing_to_its_stack(aws: Aws, stack: Callable[[str], Stack]) -> None:
    whole = stack("whole")
    queue = resource("AWS::SQS::Queue", QueueName="cfn-whole")
    assert whole.create({"Queue": queue}) == "CREATE_COMPLETE"
    serverless = "AWS::Serverless-2016-10-31"
    refused = {"Transform": [serverless, "NoSuchMacro"], "Resources": {"Queue": queue, "More": queue}}
    assert whole.change_set(refused) == "FAILED"
    assert whole.status() == "CREATE_COMPLETE"
    arguments = {"TemplateBody": json.dumps(refused), "Capabilities": ["CAPABILITY_AUTO_EXPAND"]}
    whole.client.update_stack(StackName=whole.name, **arguments)
    assert whole.settled() == "UPDATE_ROLLBACK_COMPLETE"
    longer = resource("AWS::SQS::Queue", QueueName="cfn-whole", VisibilityTimeout=20)
    assert whole.change_set({"Resources": {"Queue": longer}}) == "CREATE_COMPLETE"
    assert whole.status() == "UPDATE_ROLLBACK_COMPLETE", "nobody executes it"
    assert whole.update({"Queue": longer}) == "UPDATE_COMPLETE"
    assert whole.delete() == "DELETE_COMPLETE"
    assert "QueueUrls" not in aws("sqs").list_queues(QueueNamePrefix="cfn-whole")


def test_a_stack_lists_what_it_has_after_an_update(stack: Callable[[str], Stack]) -> None:
    def queue(name: str) -> dict[str, Any]:
        return resource("AWS::SQS::Queue", QueueName=name)

    lists = stack("lists")
    assert lists.create({"Queue": queue("cfn-old"), "Type": queue("cfn-type"), "Gone": queue("cfn-gone")}) == (
        "CREATE_COMPLETE"
    )
    topic = resource("AWS::SNS::Topic", TopicName="cfn-type")
    assert lists.update({"Queue": queue("cfn-new"), "Type": topic}) == "UPDATE_COMPLETE", lists.reasons()
    found = lists.resources()
    assert sorted(found) == ["Queue", "Type"]
    assert str(found["Queue"]).endswith("/cfn-new")
    assert lists.delete() == "DELETE_COMPLETE"


def test_a_condition_that_turns_round_brings_and_takes_away(aws: Aws, stack: Callable[[str], Stack]) -> None:
    def turned(to: str) -> dict[str, Any]:
        extra = {**resource("AWS::SQS::Queue", QueueName="cfn-extra"), "Condition": "More"}
        copy = {
            **resource("AWS::SSM::Parameter", Name="/cfn/copy", Type="String", Value={"Fn::GetAtt": ["Extra", "Arn"]}),
            "Condition": "More",
        }
        told = {"Fn::If": ["More", {"Fn::Sub": "has ${Extra.QueueName} at ${Extra}"}, "has none"]}
        return {
            "Conditions": {"More": {"Fn::Equals": [to, "more"]}},
            "Resources": {
                "Extra": extra,
                "Copy": copy,
                "Told": resource("AWS::SSM::Parameter", Name="/cfn/told", Type="String", Value=told),
            },
            "Outputs": {"Extra": {"Condition": "More", "Value": {"Fn::GetAtt": ["Extra", "Arn"]}}},
        }

    turning = stack("turning")
    for to, there in (("less", False), ("more", True), ("less", False), ("more", True)):
        turning.put(turned(to))
        value = aws("ssm").get_parameter(Name="/cfn/told")["Parameter"]["Value"]
        assert value.startswith("has cfn-extra at http" if there else "has none")
        assert ("QueueUrls" in aws("sqs").list_queues(QueueNamePrefix="cfn-extra")) is there
        names = aws("ssm").describe_parameters(ParameterFilters=[{"Key": "Name", "Values": ["/cfn/copy"]}])[
            "Parameters"
        ]
        assert bool(names) is there
    assert turning.delete() == "DELETE_COMPLETE"
    assert "QueueUrls" not in aws("sqs").list_queues(QueueNamePrefix="cfn-extra")


def test_true_and_numbers_are_compared_as_texts(aws: Aws, stack: Callable[[str], Stack]) -> None:
    off = [{"Fn::Equals": [{"Ref": "Flag"}, "false"]}, {"Fn::Equals": [{"Ref": "Flag"}, False]}]
    three = [{"Fn::Equals": [{"Ref": "Limit"}, "3"]}, {"Fn::Equals": [3, {"Ref": "Limit"}]}]
    on = [{"Fn::Equals": [{"Ref": "Flag"}, "true"]}, {"Fn::Equals": [{"Ref": "Flag"}, "False"]}]
    value = {"Fn::If": ["All", {"Fn::If": ["On", "on", {"Fn::Sub": "${Flag} ${Limit}"}]}, "not all"]}
    texts = stack("texts")
    for name in ("/cfn/texts", "/cfn/texts-again"):
        texts.put(
            {
                "Parameters": {
                    "Flag": {"Type": "String", "Default": False},
                    "Limit": {"Type": "Number", "Default": 3},
                },
                "Conditions": {"All": {"Fn::And": [*off, *three]}, "On": {"Fn::Or": on}},
                "Resources": {"Told": resource("AWS::SSM::Parameter", Name=name, Type="String", Value=value)},
            }
        )
        assert aws("ssm").get_parameter(Name=name)["Parameter"]["Value"] == "false 3"
    assert texts.delete() == "DELETE_COMPLETE"


def test_a_type_that_nothing_makes_is_told(aws: Aws, stack: Callable[[str], Stack], endpoint: str) -> None:
    told = stack("told")
    pool = resource("AWS::Cognito::UserPool", UserPoolName="p")
    queue = resource("AWS::SQS::Queue", QueueName="cfn-told", Tags=[{"Key": "pool", "Value": {"Ref": "Pool"}}])
    assert told.create({"Pool": pool, "Queue": queue}) == "CREATE_COMPLETE"
    assert told.reasons()["Pool"] == "Left out: nothing here makes a resource of AWS::Cognito::UserPool"
    notices = requests.get(f"{endpoint}/_loadstack/health", timeout=30).json()["notices"]
    assert "Stack told, Pool: left out: nothing here makes a resource of AWS::Cognito::UserPool." in [
        each["message"] for each in notices
    ]


CUSTOM = """
import json, urllib.request

def handler(event, context):
    if event["ResourceProperties"].get("Word") == "crash":
        raise ValueError("no such word")
    word = event["ResourceProperties"]["Word"]
    answer = {
        "Status": "FAILED" if word == "refuse" or (word, event["RequestType"]) == ("stay", "Delete") else "SUCCESS",
        "Reason": "refused",
        "PhysicalResourceId": event.get("PhysicalResourceId", "thing-1"),
        "Data": {
            "Said": f"{event['RequestType']} {word} {event['ResourceProperties']['Loud']}",
            "Port": 80,
            "On": False,
        },
    }
    body = json.dumps(answer).encode()
    urllib.request.urlopen(urllib.request.Request(event["ResponseURL"], data=body, method="PUT"))
"""


def custom(word: str) -> dict[str, Any]:
    return {
        "Role": resource("AWS::IAM::Role", RoleName="cfn-custom", AssumeRolePolicyDocument=TRUST),
        "Maker": resource(
            "AWS::Lambda::Function",
            FunctionName="cfn-maker",
            Runtime="python3.13",
            Handler="index.handler",
            Role={"Fn::GetAtt": ["Role", "Arn"]},
            Code={"ZipFile": CUSTOM},
            Timeout=30,
        ),
        "Thing": resource("Custom::Thing", ServiceToken={"Fn::GetAtt": ["Maker", "Arn"]}, Word=word, Loud=True),
        "Said": resource(
            "AWS::SSM::Parameter",
            Name="/cfn/said",
            Type="String",
            Value={"Fn::Join": [" ", [{"Fn::GetAtt": ["Thing", each]} for each in ("Said", "Port", "On")]]},
        ),
    }


def test_a_custom_resource_is_made_by_its_function(aws: Aws, stack: Callable[[str], Stack]) -> None:
    things = stack("custom")

    def said() -> str:
        value: str = aws("ssm").get_parameter(Name="/cfn/said")["Parameter"]["Value"]
        return value

    assert things.create(custom("hello")) == "CREATE_COMPLETE", things.reasons()
    assert said() == "Create hello true 80 false"
    assert things.update(custom("bye")) == "UPDATE_COMPLETE", things.reasons()
    assert said() == "Update bye true 80 false"
    for word, reason in (("refuse", "refused"), ("crash", "its function failed: ValueError: no such word")):
        assert things.update(custom(word)) == "UPDATE_ROLLBACK_COMPLETE"
        events = things.client.describe_stack_events(StackName=things.name)["StackEvents"]
        failed = next(each for each in events if each["ResourceStatus"] == "UPDATE_FAILED")
        assert (failed["LogicalResourceId"], failed["ResourceStatusReason"]) == ("Thing", reason)
        assert things.resources()["Thing"] == "thing-1"
    assert things.delete() == "DELETE_COMPLETE"
