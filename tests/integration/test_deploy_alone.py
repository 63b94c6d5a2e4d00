"""``make deploy SERVICE=…`` changes the one service, and nothing else of the stack."""

import io
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from rich.console import Console

from bootstrap.resources import Queue, Table
from bootstrap.shop import SHOP
from sandbox import artifacts, deploy
from sandbox.paths import ROOT

SERVICE = "payments"


@pytest.fixture
def checkout(tmp_path, monkeypatch, stack) -> Iterator[Any]:
    """A copy of what is deployed, to change; afterwards the service is again what it was."""
    for folder in ("functions", "requirements"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(artifacts, "ROOT", tmp_path)
    yield tmp_path
    monkeypatch.undo()
    deploy.run(stack, SERVICE, Console(quiet=True))


def _without_answer(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def _functions(aws) -> dict[str, dict[str, Any]]:
    """By name: configuration with RevisionId, CodeSha256 and LastModified, policy, and concurrency."""
    client = aws("lambda")
    listed = client.get_paginator("list_functions").paginate().build_full_result()["Functions"]
    assert len(listed) >= 6
    return {
        each["FunctionName"]: {
            **each,
            "versions": client.list_versions_by_function(FunctionName=each["FunctionName"])["Versions"],
        }
        for each in listed
    }


def _rest(aws) -> dict[str, Any]:
    """All that is no function: what it is, and when it was made or changed."""
    dynamodb, sqs, api, events = aws("dynamodb"), aws("sqs"), aws("apigateway"), aws("events")
    tables = [dynamodb.describe_table(TableName=table.name)["Table"] for table in SHOP.of(Table)]
    depth = ("ApproximateNumberOf",)
    queues = {
        queue.name: {
            name: value
            for name, value in sqs.get_queue_attributes(
                QueueUrl=sqs.get_queue_url(QueueName=queue.name)["QueueUrl"], AttributeNames=["All"]
            )["Attributes"].items()
            if not name.startswith(depth)
        }
        for queue in SHOP.of(Queue)
    }
    rules = [
        rule
        for bus in events.list_event_buses()["EventBuses"]
        for rule in events.list_rules(EventBusName=bus["Name"])["Rules"]
    ]
    return {
        "tables": [
            {name: value for name, value in each.items() if name not in ("ItemCount", "TableSizeBytes")}
            for each in tables
        ],
        "queues": queues,
        "mappings": aws("lambda").list_event_source_mappings()["EventSourceMappings"],
        "layers": aws("lambda").list_layers()["Layers"],
        "deployments": _without_answer(api.get_deployments(restApiId="shop")),
        "stage": _without_answer(api.get_stage(restApiId="shop", stageName="dev")),
        "resources": _without_answer(api.get_resources(restApiId="shop", limit=500, embed=["methods"])),
        "rules": rules,
        "targets": [
            events.list_targets_by_rule(Rule=rule["Name"], EventBusName=rule["EventBusName"])["Targets"]
            for rule in rules
        ],
        "subscriptions": aws("sns").list_subscriptions()["Subscriptions"],
        "secrets": aws("secretsmanager").list_secrets()["SecretList"],
        "roles": aws("iam").list_roles()["Roles"],
    }


def test_deploying_one_service_changes_nothing_else(stack, checkout, aws, customer, product):
    functions, rest = _functions(aws), _rest(aws)
    said = io.StringIO()
    source = checkout / "functions" / SERVICE / "handler.py"
    source.write_text(source.read_text() + "\nCHANGED = True\n")

    assert deploy.run(stack, SERVICE, Console(file=said, width=200)) == 0

    assert f"function {SERVICE}: updated" in said.getvalue()
    now = _functions(aws)
    changed, before = now.pop(SERVICE), functions.pop(SERVICE)
    assert changed["CodeSha256"] != before["CodeSha256"]
    assert changed["RevisionId"] != before["RevisionId"]
    assert now == functions
    assert _rest(aws) == rest
    placed = customer.place((product(5), 1))
    assert customer.order_once(placed.json()["orderId"])["status"] == "CONFIRMED"


def test_deploying_a_service_that_did_not_change_changes_nothing(stack, aws):
    before = _functions(aws), _rest(aws)
    assert deploy.run(stack, SERVICE, Console(quiet=True)) == 0
    assert (_functions(aws), _rest(aws)) == before
