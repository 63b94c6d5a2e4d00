"""CloudFormation makes what LocalStack's lacks, changes what it leaves as it was, and tells what it cannot make."""

import json
import uuid
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest
import requests

from tests.conftest import Aws
from tests.waiting import until

pytestmark = pytest.mark.slow

NAME = "cloudformation-types"
ROLE_POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}],
}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}],
}
MOCK = {
    "Type": "MOCK",
    "RequestTemplates": {"application/json": '{"statusCode": 200}'},
    "IntegrationResponses": [{"StatusCode": "200"}],
}
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:nobody"
URI = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{FUNCTION}/invocations"


def resource(type_name: str, **properties: Any) -> dict[str, Any]:
    return {"Type": type_name, "Properties": properties}


def table(attributes: tuple[str, ...], **properties: Any) -> dict[str, Any]:
    return resource(
        "AWS::DynamoDB::Table",
        TableName="cfn-table",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in attributes],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        **properties,
    )


FIRST = {
    "Bus": resource("AWS::Events::EventBus", Name="cfn-bus"),
    "Archive": resource(
        "AWS::Events::Archive",
        ArchiveName="cfn-archive",
        SourceArn={"Fn::GetAtt": ["Bus", "Arn"]},
        EventPattern={"source": ["one"]},
        RetentionDays=1,
    ),
    "Queue": resource("AWS::SQS::Queue", QueueName="cfn-queue"),
    "Rule": resource(
        "AWS::Events::Rule",
        Name="cfn-rule",
        EventBusName={"Ref": "Bus"},
        EventPattern={"source": ["one"]},
        Targets=[{"Id": "queue", "Arn": {"Fn::GetAtt": ["Queue", "Arn"]}}],
    ),
    "Dashboard": resource("AWS::CloudWatch::Dashboard", DashboardName="cfn-board", DashboardBody='{"widgets": []}'),
    "Alarm": resource(
        "AWS::CloudWatch::Alarm",
        AlarmName="cfn-alarm",
        Namespace="Own",
        MetricName="Things",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    ),
    "Logs": resource("AWS::Logs::LogGroup", LogGroupName="/cfn", RetentionInDays=1),
    "Filter": resource(
        "AWS::Logs::MetricFilter",
        FilterName="cfn-filter",
        LogGroupName={"Ref": "Logs"},
        FilterPattern="ERROR",
        MetricTransformations=[{"MetricName": "Errors", "MetricNamespace": "Own", "MetricValue": "1"}],
    ),
    "Table": table(("id",), TimeToLiveSpecification={"AttributeName": "expires", "Enabled": True}),
    "Bucket": resource(
        "AWS::S3::Bucket",
        BucketName="cfn-bucket",
        LifecycleConfiguration={"Rules": [{"Id": "old", "Status": "Enabled", "ExpirationInDays": 1}]},
        CorsConfiguration={"CorsRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]},
    ),
    "Secret": resource(
        "AWS::SecretsManager::Secret", Name="cfn-secret", SecretString="first", Tags=[{"Key": "team", "Value": "shop"}]
    ),
    "Topic": resource("AWS::SNS::Topic", TopicName="cfn-topic"),
    "Subscription": resource(
        "AWS::SNS::Subscription",
        TopicArn={"Ref": "Topic"},
        Protocol="sqs",
        Endpoint={"Fn::GetAtt": ["Queue", "Arn"]},
        FilterPolicy={"kind": ["a"]},
        RawMessageDelivery=True,
    ),
    "Role": resource("AWS::IAM::Role", RoleName="cfn-role", AssumeRolePolicyDocument=TRUST),
    "RolePolicy": resource(
        "AWS::IAM::RolePolicy", RoleName={"Ref": "Role"}, PolicyName="send", PolicyDocument=ROLE_POLICY
    ),
    "Function": resource(
        "AWS::Lambda::Function",
        FunctionName="cfn-function",
        Runtime="python3.13",
        Handler="index.handler",
        Role={"Fn::GetAtt": ["Role", "Arn"]},
        Code={"ZipFile": "def handler(event, context): pass"},
        Environment={"Variables": {"A": "1"}},
        Timeout=7,
        DeadLetterConfig={"TargetArn": {"Fn::GetAtt": ["Queue", "Arn"]}},
        ReservedConcurrentExecutions=2,
        Tags=[{"Key": "team", "Value": "shop"}],
    ),
    "Mapping": resource(
        "AWS::Lambda::EventSourceMapping",
        EventSourceArn={"Fn::GetAtt": ["Queue", "Arn"]},
        FunctionName={"Ref": "Function"},
        ScalingConfig={"MaximumConcurrency": 2},
        FilterCriteria={"Filters": [{"Pattern": '{"body": {"kind": ["a"]}}'}]},
    ),
    "Machine": resource(
        "AWS::StepFunctions::StateMachine",
        StateMachineName="cfn-machine",
        RoleArn={"Fn::GetAtt": ["Role", "Arn"]},
        DefinitionString='{"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}',
        Tags=[{"Key": "team", "Value": "shop"}],
    ),
    "Mail": resource(
        "AWS::SES::Template",
        Template={"TemplateName": "cfn-mail", "SubjectPart": "One", "TextPart": "Text"},
    ),
    "Sender": resource("AWS::SES::EmailIdentity", EmailIdentity="cfn@example.com"),
    "Api": resource("AWS::ApiGateway::RestApi", Name="cfn-api"),
    "Get": resource(
        "AWS::ApiGateway::Method",
        RestApiId={"Ref": "Api"},
        ResourceId={"Fn::GetAtt": ["Api", "RootResourceId"]},
        HttpMethod="GET",
        AuthorizationType="CUSTOM",
        AuthorizerId={"Ref": "Authorizer"},
        Integration=MOCK,
        MethodResponses=[{"StatusCode": "200"}],
    ),
    "Authorizer": resource(
        "AWS::ApiGateway::Authorizer",
        RestApiId={"Ref": "Api"},
        Name="own",
        Type="TOKEN",
        IdentitySource="method.request.header.Authorization",
        AuthorizerUri=URI,
        AuthorizerResultTtlInSeconds=60,
    ),
    "Deployment": {**resource("AWS::ApiGateway::Deployment", RestApiId={"Ref": "Api"}), "DependsOn": "Get"},
    "Stage": resource(
        "AWS::ApiGateway::Stage",
        RestApiId={"Ref": "Api"},
        StageName="live",
        DeploymentId={"Ref": "Deployment"},
        Variables={"one": "1", "two": "2"},
        AccessLogSetting={"DestinationArn": {"Fn::GetAtt": ["Logs", "Arn"]}, "Format": "$context.requestId"},
        MethodSettings=[
            {"ResourcePath": "/*", "HttpMethod": "*", "ThrottlingRateLimit": 7, "ThrottlingBurstLimit": 9},
            {"ResourcePath": "/things", "HttpMethod": "GET", "ThrottlingRateLimit": 3},
        ],
    ),
}


def second() -> dict[str, Any]:
    """The same with something else in each."""
    wanted = deepcopy(FIRST)

    def change(name: str, **properties: Any) -> None:
        wanted[name]["Properties"] |= properties

    def take_out(name: str, *properties: str) -> None:
        for each in properties:
            del wanted[name]["Properties"][each]

    change("Archive", RetentionDays=2, EventPattern={"source": ["two"]})
    change("Rule", EventPattern={"source": ["two"]}, Targets=[])
    change("Dashboard", DashboardBody='{"widgets": [], "periodOverride": "auto"}')
    change("Alarm", Threshold=5)
    change("Logs", RetentionInDays=3)
    change("Filter", FilterPattern="WARNING")
    wanted["Table"] = table(
        ("id", "kind"),
        StreamSpecification={"StreamViewType": "NEW_IMAGE"},
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-kind",
                "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    change("Bucket", LifecycleConfiguration={"Rules": [{"Id": "old", "Status": "Enabled", "ExpirationInDays": 2}]})
    take_out("Bucket", "CorsConfiguration")
    change("Secret", SecretString="second")
    take_out("Secret", "Tags")
    take_out("Subscription", "FilterPolicy", "RawMessageDelivery")
    take_out("Function", "Environment", "Timeout", "DeadLetterConfig", "ReservedConcurrentExecutions", "Tags")
    take_out("Mapping", "ScalingConfig", "FilterCriteria")
    change("Machine", RoleArn="arn:aws:iam::000000000000:role/other", Tags=[{"Key": "team", "Value": "other"}])
    change("Mail", Template={"TemplateName": "cfn-mail", "SubjectPart": "Two", "TextPart": "Text"})
    change("Authorizer", AuthorizerResultTtlInSeconds=0)
    change("Get", AuthorizationType="NONE", MethodResponses=[{"StatusCode": "201"}])
    change("Get", Integration={**MOCK, "IntegrationResponses": [{"StatusCode": "201"}]})
    take_out("Get", "AuthorizerId")
    change("Stage", Variables={"two": "II"}, Description="the second")
    change("Stage", MethodSettings=FIRST["Stage"]["Properties"]["MethodSettings"][:1])
    take_out("Stage", "AccessLogSetting")
    return wanted


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
    assert _seen(aws) == {
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
    assert _seen(aws) == {
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


def _seen(aws: Aws) -> dict[str, Any]:
    """What each service tells of what the stack made."""
    archive = aws("events").describe_archive(ArchiveName="cfn-archive")
    rule = aws("events").describe_rule(Name="cfn-rule", EventBusName="cfn-bus")
    targets = aws("events").list_targets_by_rule(Rule="cfn-rule", EventBusName="cfn-bus")["Targets"]
    board = aws("cloudwatch").get_dashboard(DashboardName="cfn-board")["DashboardBody"]
    [alarm] = aws("cloudwatch").describe_alarms(AlarmNames=["cfn-alarm"])["MetricAlarms"]
    [group] = aws("logs").describe_log_groups(logGroupNamePrefix="/cfn")["logGroups"]
    [log_filter] = aws("logs").describe_metric_filters(logGroupName="/cfn")["metricFilters"]
    found = aws("dynamodb").describe_table(TableName="cfn-table")["Table"]
    ttl = aws("dynamodb").describe_time_to_live(TableName="cfn-table")["TimeToLiveDescription"]["TimeToLiveStatus"]
    apis = {each["name"]: each["id"] for each in aws("apigateway").get_rest_apis()["items"]}
    api = {"restApiId": apis["cfn-api"]}
    [authorizer] = aws("apigateway").get_authorizers(**api)["items"]
    [root] = aws("apigateway").get_resources(**api)["items"]
    method = aws("apigateway").get_method(**api, resourceId=root["id"], httpMethod="GET")
    stage = aws("apigateway").get_stage(**api, stageName="live")
    settings = stage["methodSettings"]["*/*"]
    return {
        "archive": (archive["RetentionDays"], json.loads(archive["EventPattern"])),
        "rule": (json.loads(rule["EventPattern"]), [each["Id"] for each in targets]),
        "dashboard": json.loads(board),
        "alarm": alarm["Threshold"],
        "retention": group["retentionInDays"],
        "filter": log_filter["filterPattern"],
        "table": (
            sorted(each["AttributeName"] for each in found["AttributeDefinitions"]),
            found.get("StreamSpecification", {}).get("StreamViewType"),
            ttl,
            [each["IndexName"] for each in found.get("GlobalSecondaryIndexes", ())],
        ),
        "bucket": (_lifecycle(aws), _has_cors(aws)),
        "secret": (
            aws("secretsmanager").get_secret_value(SecretId="cfn-secret")["SecretString"],
            [each["Key"] for each in aws("secretsmanager").describe_secret(SecretId="cfn-secret").get("Tags", ())],
        ),
        "subscription": _subscription(aws),
        "function": _function(aws),
        "mapping": _mapping(aws),
        "machine": _machine(aws),
        "role": aws("iam").list_role_policies(RoleName="cfn-role")["PolicyNames"],
        "mail": aws("ses").get_template(TemplateName="cfn-mail")["Template"]["SubjectPart"],
        "sender": "cfn@example.com" in aws("ses").list_identities()["Identities"],
        "authorizer": authorizer["authorizerResultTtlInSeconds"],
        "method": (
            method["authorizationType"],
            list(method["methodResponses"]),
            list(method["methodIntegration"].get("integrationResponses", ())),
        ),
        "stage": (
            stage["variables"],
            stage.get("description") or None,
            settings["throttlingRateLimit"],
            settings["throttlingBurstLimit"],
            sorted(stage["methodSettings"]),
            (stage.get("accessLogSettings") or {}).get("format"),
        ),
    }


def _subscription(aws: Aws) -> tuple[Any, str]:
    [found] = aws("sns").list_subscriptions_by_topic(TopicArn="arn:aws:sns:us-east-1:000000000000:cfn-topic")[
        "Subscriptions"
    ]
    attributes = aws("sns").get_subscription_attributes(SubscriptionArn=found["SubscriptionArn"])["Attributes"]
    return json.loads(attributes.get("FilterPolicy") or "{}"), attributes["RawMessageDelivery"]


def _function(aws: Aws) -> tuple[Any, ...]:
    found = aws("lambda").get_function(FunctionName="cfn-function")
    configuration = found["Configuration"]
    return (
        configuration.get("Environment", {}).get("Variables", {}),
        configuration["Timeout"],
        "DeadLetterConfig" in configuration,
        found.get("Concurrency", {}).get("ReservedConcurrentExecutions"),
        found.get("Tags", {}),
    )


def _mapping(aws: Aws) -> tuple[int | None, int]:
    [found] = aws("lambda").list_event_source_mappings(FunctionName="cfn-function")["EventSourceMappings"]
    filters = found.get("FilterCriteria", {}).get("Filters", ())
    return found.get("ScalingConfig", {}).get("MaximumConcurrency"), len(filters)


def _machine(aws: Aws) -> tuple[str, list[dict[str, str]]]:
    steps, arn = aws("stepfunctions"), "arn:aws:states:us-east-1:000000000000:stateMachine:cfn-machine"
    role = steps.describe_state_machine(stateMachineArn=arn)["roleArn"]
    return role.rpartition("/")[2], steps.list_tags_for_resource(resourceArn=arn)["tags"]


def _lifecycle(aws: Aws) -> list[int]:
    rules = aws("s3").get_bucket_lifecycle_configuration(Bucket="cfn-bucket")["Rules"]
    return [rule["Expiration"]["Days"] for rule in rules]


def _has_cors(aws: Aws) -> bool:
    s3 = aws("s3")
    try:
        s3.get_bucket_cors(Bucket="cfn-bucket")
    except s3.exceptions.ClientError as error:
        return bool(error.response["Error"]["Code"] != "NoSuchCORSConfiguration")
    return True
