"""``make iam-check`` without an engine: what is missing, what was never used, what it prints and refuses."""

import json
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from rich.console import Console

from sandbox import cli
from sandbox.errors import NotRunningError, UsageError
from sandbox.host_engine import HostEngine
from sandbox.iam import command
from sandbox.iam.check import Call, Result, check
from sandbox.iam.configured import needs, welcome
from sandbox.iam.policies import Role, statements_of
from sandbox.own_stack import record
from sandbox.own_stack.record import OwnStack
from sandbox.paths import SANDBOX
from sandbox.target import Target

ORDERS, STOCK = (f"arn:aws:dynamodb:us-east-1:000000000000:table/{name}" for name in ("orders", "stock"))
QUEUE = "arn:aws:sqs:us-east-1:000000000000:orders"
TARGET = Target("http://127.0.0.1:1", None)


def role(name: str, *grants: tuple[str, str]) -> Role:
    statements = [{"Effect": "Allow", "Action": action, "Resource": resource} for action, resource in grants]
    return Role(name, statements_of("permissions", {"Statement": statements}))


def held(*calls: Call) -> Result:
    roles = (
        role("shop-orders", ("dynamodb:GetItem", ORDERS), ("dynamodb:PutItem", ORDERS)),
        role("shop-stock", ("dynamodb:GetItem", STOCK)),
    )
    return check({each.name: each for each in roles}, calls)


def call(action: str, resource: str | None, role: str = "shop-orders", caller: str = "function orders") -> Call:
    return Call(role, caller, action, resource, 3)


def test_each_call_with_a_grant_is_fine_and_grants_that_no_call_needed_are_named() -> None:
    result = held(call("dynamodb:GetItem", ORDERS))
    assert result.ok
    assert [(each.role, str(each.grant.action), str(each.grant.resource)) for each in result.unused] == [
        ("shop-orders", "dynamodb:PutItem", ORDERS),
        ("shop-stock", "dynamodb:GetItem", STOCK),
    ]
    assert result.grants == {"shop-orders": 2, "shop-stock": 1}


def test_a_call_without_a_grant_is_missing_and_uses_none() -> None:
    result = held(call("dynamodb:GetItem", STOCK), call("dynamodb:GetItem", ORDERS, role="gone"))
    assert not result.ok
    assert [(each.call.role, each.reason) for each in result.missing] == [
        ("gone", "there is no such role"),
        ("shop-orders", "no grant"),
    ]
    assert len(result.unused) == 3


def test_a_call_on_an_unknown_resource_needs_some_grant_of_its_action() -> None:
    assert held(call("dynamodb:GetItem", None)).ok
    assert not held(call("dynamodb:DeleteItem", None)).ok


def test_what_is_welcome_uses_a_grant_and_misses_none() -> None:
    read = (call("dynamodb:GetItem", ORDERS), call("dynamodb:GetItem", STOCK, role="shop-stock"))
    roles = {"shop-orders": role("shop-orders", ("dynamodb:GetItem", ORDERS))}
    result = check(roles, (), read)
    assert (result.missing, result.unused) == ([], [])


FUNCTION = {
    "FunctionName": "orders",
    "FunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:orders",
    "Role": "arn:aws:iam::000000000000:role/path/shop-orders",
    "LoggingConfig": {"LogGroup": "/aws/lambda/orders"},
    "DeadLetterConfig": {"TargetArn": f"{QUEUE}-async-dlq"},
    "TracingConfig": {"Mode": "Active"},
}
STREAM = f"{ORDERS}/stream/2026-11-22T10:00:00.000"
BUCKET = "arn:aws:s3:::failed"
TOPIC = "arn:aws:sns:us-east-1:000000000000:failed"


class Lambda:
    """As boto3's client pages, from these lists."""

    lists: Mapping[str, Mapping[str, Any]] = {
        "list_functions": {"Functions": [FUNCTION]},
        "list_function_event_invoke_configs": {
            "FunctionEventInvokeConfigs": [
                {"DestinationConfig": {"OnSuccess": {}, "OnFailure": {"Destination": TOPIC}}},
                {"DestinationConfig": {"OnFailure": {"Destination": BUCKET}}},
            ]
        },
        "list_event_source_mappings": {
            "EventSourceMappings": [
                {"FunctionArn": FUNCTION["FunctionArn"], "EventSourceArn": QUEUE, "State": "Enabled"},
                {
                    "FunctionArn": f"{FUNCTION['FunctionArn']}:live",
                    "EventSourceArn": STREAM,
                    "State": "Enabled",
                    "DestinationConfig": {"OnFailure": {"Destination": f"{QUEUE}-stream-dlq"}},
                },
                {"FunctionArn": "arn:of:another", "EventSourceArn": QUEUE, "State": "Enabled"},
            ]
        },
    }

    def get_paginator(self, operation: str) -> Any:
        class Pages:
            def paginate(self, **_: Any) -> Iterator[Mapping[str, Any]]:
                yield Lambda.lists[operation]

        return Pages()


class CloudFormation:
    """One stack; ``describe_stacks`` also tells of one that has nothing yet."""

    def __init__(self, *resources: Mapping[str, Any]) -> None:
        self.resources = {"whole": resources, "begun": ()}

    def get_paginator(self, operation: str) -> Any:
        return self if operation == "describe_stacks" else None

    def paginate(self) -> Iterator[Mapping[str, Any]]:
        yield {"Stacks": [{"StackId": name} for name in self.resources]}

    def describe_stack_resources(self, StackName: str) -> Mapping[str, Any]:
        return {"StackResources": self.resources[StackName]}


class FakeClients:
    lambda_ = Lambda()

    def __init__(self, *resources: Mapping[str, Any]) -> None:
        self.cloudformation = CloudFormation(*resources)


def test_the_configuration_asks_for_what_lambda_does_with_the_role() -> None:
    found = list(needs(FakeClients()))  # type: ignore[arg-type]
    assert {(each.role, each.caller, each.count) for each in found} == {("shop-orders", "function orders", 0)}
    log = "arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/orders:log-stream:$LATEST"
    assert [(each.action, each.resource, each.why) for each in found] == [
        ("logs:CreateLogStream", log, "its log"),
        ("logs:PutLogEvents", log, "its log"),
        ("sqs:SendMessage", f"{QUEUE}-async-dlq", "its dead letters"),
        ("xray:PutTraceSegments", "*", "its traces"),
        ("xray:PutTelemetryRecords", "*", "its traces"),
        ("sns:Publish", TOPIC, "a destination of its asynchronous invocations"),
        ("s3:PutObject", f"{BUCKET}/aws/lambda/*", "a destination of its asynchronous invocations"),
        ("s3:ListBucket", BUCKET, "a destination of its asynchronous invocations"),
        ("sqs:ReceiveMessage", QUEUE, "what feeds it"),
        ("sqs:DeleteMessage", QUEUE, "what feeds it"),
        ("sqs:GetQueueAttributes", QUEUE, "what feeds it"),
        ("dynamodb:DescribeStream", STREAM, "what feeds it"),
        ("dynamodb:GetRecords", STREAM, "what feeds it"),
        ("dynamodb:GetShardIterator", STREAM, "what feeds it"),
        ("dynamodb:ListStreams", STREAM, "what feeds it"),
        ("sqs:SendMessage", f"{QUEUE}-stream-dlq", "what tells of records that failed"),
    ]


LOG_GROUP = {
    "ResourceType": "AWS::Logs::LogGroup",
    "ResourceStatus": "CREATE_COMPLETE",
    "PhysicalResourceId": "/aws/lambda/orders",
}


@pytest.mark.parametrize(
    ("changed", "asked"),
    [
        ({}, 0),
        ({"PhysicalResourceId": "/aws/lambda/other"}, 1),
        ({"ResourceType": "AWS::Lambda::Function"}, 1),
        ({"ResourceStatus": "DELETE_COMPLETE"}, 1),
    ],
)
def test_lambda_makes_the_log_group_that_no_stack_declares(changed: dict[str, str], asked: int) -> None:
    group = "arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/orders:log-stream:"
    clients = FakeClients(LOG_GROUP | changed)
    found = [(each.action, each.resource) for each in welcome(clients)]  # type: ignore[arg-type]
    assert found == [("logs:CreateLogGroup", group)] * asked


RECORDED = {
    "since": "2026-11-22T10:00:00.000Z",
    "left_out": 2,
    "lost": 0,
    "calls": [
        {
            "role": "arn:aws:iam::000000000000:role/shop-orders",
            "caller": "function:orders",
            "action": "dynamodb:GetItem",
            "resource": ORDERS,
            "count": 3,
        }
    ],
}


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the engine says; the roles are those of ``held``, and no configuration asks for anything."""
    found = json.loads(json.dumps(RECORDED))
    monkeypatch.setattr(Target, "require_running", lambda self: None)
    monkeypatch.setattr(command, "record_of", lambda target: found)
    monkeypatch.setattr(command.configured, "needs", lambda clients: iter(()))
    monkeypatch.setattr(command.configured, "welcome", lambda clients: iter(()))
    monkeypatch.setattr(command.configured, "callers", lambda clients: {"function:orders"})
    roles = {"shop-orders": role("shop-orders", ("dynamodb:GetItem", ORDERS), ("dynamodb:PutItem", ORDERS))}
    monkeypatch.setattr(command.deployed, "roles", lambda clients: roles)
    return found


def run(target: Target = TARGET, **environment: str) -> tuple[int, str]:
    console = Console(width=200, highlight=False, soft_wrap=True)
    with console.capture() as capture:
        code = command.run(target, environment, console)
    return code, capture.get()


def test_it_warns_of_a_grant_that_nobody_used(recorded: dict[str, Any]) -> None:
    code, told = run()
    assert code == 0
    assert f"Never used  shop-orders: dynamodb:PutItem on {ORDERS}" in told
    assert "Not looked at  2 calls on further objects" in told
    assert "1 different call since 10:00:00 UTC; 1 of 2 grants used." in told
    assert "Each call has a grant." in told


def test_calls_that_were_lost_are_told_and_not_said_to_have_a_grant(recorded: dict[str, Any], tmp_path: Path) -> None:
    recorded["lost"] = 101
    code, told = run(JSON=str(tmp_path / "iam.json"))
    assert code == 0
    assert "Not looked at  101 calls after 10,000 different ones" in told
    assert "Each call that was looked at has a grant." in told
    assert json.loads((tmp_path / "iam.json").read_text())["lost"] == 101


def test_it_fails_with_the_function_the_action_and_the_resource(recorded: dict[str, Any], tmp_path: Path) -> None:
    recorded["calls"][0]["action"] = "dynamodb:DeleteItem"
    code, told = run(JSON=str(tmp_path / "iam.json"))
    assert code == 1
    assert f"No grant  function orders: dynamodb:DeleteItem on {ORDERS} (role shop-orders, 3 times)" in told
    assert "AWS would refuse them. Grant them in the declaration (docs/least-privilege.md), make up, and" in told
    written = json.loads((tmp_path / "iam.json").read_text())
    assert not written["ok"]
    assert written["missing"] == [
        {
            "role": "shop-orders",
            "caller": "function orders",
            "action": "dynamodb:DeleteItem",
            "resource": ORDERS,
            "count": 3,
            "why": "",
            "reason": "no grant",
        }
    ]
    assert [each["action"] for each in written["unused"]] == ["dynamodb:GetItem", "dynamodb:PutItem"]


def test_what_is_gone_is_left_out_and_a_version_of_what_is_there_is_not(recorded: dict[str, Any]) -> None:
    [call] = recorded["calls"]
    others = [
        {**call, "role": "arn:aws:iam::000000000000:role/gone", "caller": "function:gone"},
        {**call, "role": "arn:aws:iam::000000000000:role/gone", "caller": "api:gone"},
        {**call, "role": "arn:aws:iam::000000000000:role/gone", "caller": "states"},
    ]
    recorded["calls"] = [call, *others]
    assert run()[0] == 0
    recorded["calls"] = [{**call, "action": "dynamodb:DeleteItem", "caller": "function:orders:3"}]
    assert "No grant  function orders:3: dynamodb:DeleteItem" in run()[1]
    recorded["calls"] = [{**call, "action": "dynamodb:DeleteItem", "caller": "states"}]
    assert "No grant  Step Functions: dynamodb:DeleteItem" in run()[1]
    recorded["calls"] = [{**call, "role": "arn:aws:iam::000000000000:role/gone"}]
    assert "there is no such role" in run()[1]


def test_the_arn_of_a_secret_is_no_emoji(recorded: dict[str, Any]) -> None:
    recorded["calls"][0]["resource"] = "arn:aws:secretsmanager:us-east-1:000000000000:secret:shop/jwt-abcdef"
    with cli.console.capture() as capture:
        command.run(TARGET, {}, cli.console)
    assert recorded["calls"][0]["resource"] in capture.get()


def test_nothing_called_is_told(recorded: dict[str, Any]) -> None:
    recorded["calls"] = []
    with pytest.raises(UsageError, match=r"Nothing was called since 10:00:00 UTC: run make order"):
        run()


def test_with_a_stack_of_ones_own_the_advice_is_about_that(recorded: dict[str, Any], tmp_path: Path) -> None:
    record.write(tmp_path, OwnStack("/notes/[api]/template.yaml", "notes"))
    target = Target(TARGET.endpoint, HostEngine(tmp_path, 1, SANDBOX))
    recorded["calls"][0]["action"] = "dynamodb:DeleteItem"
    assert "Grant them in your template, make up TEMPLATE=/notes/[api]/template.yaml, and make iam" in run(target)[1]
    recorded["calls"] = []
    with pytest.raises(UsageError, match=r"Nothing was called since 10:00:00 UTC: use your stack, then make iam-check"):
        run(target)


@pytest.mark.parametrize("name", ["no/such/folder/iam.json", "."])
def test_a_file_that_cannot_be_written_is_refused_first(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"JSON=.* is no file that can be written"):
        run(JSON=str(tmp_path / name))


@pytest.fixture
def answering() -> Iterator[Callable[[int, str], Target]]:
    """``answering(status, body)`` is an endpoint that answers everything so."""
    servers: list[ThreadingHTTPServer] = []

    def start(status: int, body: str) -> Target:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *arguments: Any) -> None:
                pass

        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        Thread(target=servers[-1].serve_forever, args=(0.01,), daemon=True).start()
        return Target(f"http://127.0.0.1:{servers[-1].server_port}", None)

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("status", "body"), [(404, '{"error": {"code": "NOT_FOUND"}}'), (404, "<html>"), (200, "null"), (200, "[]")]
)
def test_an_endpoint_that_records_nothing_is_told(
    answering: Callable[[int, str], Target], status: int, body: str
) -> None:
    with pytest.raises(UsageError, match=r"records no calls: make iam-check needs this sandbox's engine"):
        command.record_of(answering(status, body))


def test_what_is_recorded_is_read_and_nobody_who_answers_is_told(
    answering: Callable[[int, str], Target],
) -> None:
    assert command.record_of(answering(200, json.dumps(RECORDED))) == RECORDED
    with pytest.raises(NotRunningError, match="Nothing answers"):
        command.record_of(TARGET)
