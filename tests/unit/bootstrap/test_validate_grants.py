"""Grants that are wider than they need to be."""

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from bootstrap.buckets import Bucket
from bootstrap.flows import Flow
from bootstrap.references import Value
from bootstrap.resources import GlobalSecondaryIndex, LogGroup, Role, Secret, Stack, Statement, Table
from bootstrap.shop import stack
from bootstrap.validate_grants import _ON_NOTHING, grants
from tests.unit.bootstrap.good_stack import QUEUE

TABLE = Table("orders", {"id": "S", "by": "S"}, hash_key="id", indexes=(GlobalSecondaryIndex("by-index", "by"),))
SECRET, LOGS, BUCKET = Secret("shop/jwt"), LogGroup("/aws/lambda/orders"), Bucket("shop-images")


def told(action: str, resource: Value) -> list[str]:
    role = Role("worker", (Statement((action,), (resource,)),))
    return list(grants(Stack("test", (TABLE, SECRET, LOGS, BUCKET, QUEUE, role))))


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("dynamodb:GetItem", TABLE.ref.arn()),
        ("dynamodb:Query", TABLE.ref.arn("/index/by-index")),
        ("dynamodb:GetRecords", TABLE.ref.arn("/stream/*")),
        ("secretsmanager:GetSecretValue", SECRET.ref.arn("-??????")),
        ("logs:PutLogEvents", LOGS.ref.arn(":*")),
        ("s3:PutObject", BUCKET.ref.arn("/uploads/*")),
        ("sqs:SendMessage", QUEUE.ref.arn()),
        ("cloudwatch:PutMetricData", "*"),
    ],
)
def test_what_is_as_narrow_as_it_can_be_is_no_mistake(action: str, resource: Value) -> None:
    assert told(action, resource) == []


@pytest.mark.parametrize(
    ("action", "resource", "line"),
    [
        ("dynamodb:*", TABLE.ref.arn(), "dynamodb:* is a wildcard: name the actions."),
        ("sqs:Get?", QUEUE.ref.arn(), "sqs:Get? is a wildcard: name the actions."),
        ("sqs:SendMessage", "*", "* is a wildcard: name the resource."),
        ("sqs:SendMessage", QUEUE.ref.arn("*"), "* of queue work is a wildcard: name the resource."),
        (
            "dynamodb:Query",
            TABLE.ref.arn("/index/*"),
            "/index/* of table orders is a wildcard: name the index, by-index.",
        ),
        ("dynamodb:Query", TABLE.ref.arn("/index/other"), "table orders has no index other."),
        (
            "dynamodb:GetItem",
            TABLE.ref.arn("*"),
            '* of table orders is a wildcard: arn("/stream/*") is the widest there is.',
        ),
        (
            "s3:GetObject",
            BUCKET.ref.arn("/*"),
            '/* of bucket shop-images is a wildcard: say under what its objects are: arn("/uploads/*").',
        ),
        (
            "secretsmanager:GetSecretValue",
            SECRET.ref.arn("*"),
            '* of secret shop/jwt is a wildcard: arn("-??????") is the widest there is.',
        ),
    ],
)
def test_what_is_wider_is_told(action: str, resource: Value, line: str) -> None:
    assert told(action, resource) == [f"role worker: {line}"]


def test_an_action_without_resources_does_not_carry_another_along() -> None:
    role = Role("worker", (Statement(("cloudwatch:PutMetricData", "sqs:SendMessage"), ("*",)),))
    assert list(grants(Stack("test", (role,)))) == ["role worker: * is a wildcard: name the resource."]


def test_what_may_be_granted_on_anything_has_no_resources() -> None:
    """By AWS's Service Authorization Reference, as cfn-lint carries it."""
    found = find_spec("cfnlint")  # to import it takes seconds
    assert found is not None
    assert found.origin is not None
    known = json.loads((Path(found.origin).parent / "data/AdditionalSpecs/Policies.json").read_text())
    for service, _, action in (each.partition(":") for each in _ON_NOTHING):
        assert not known[service]["Actions"][action.lower()].get("Resources"), action


@pytest.mark.parametrize("flow", Flow)
def test_the_shop_has_no_wider_grant_than_it_needs(flow: Flow) -> None:
    assert list(grants(stack(flow))) == []


def test_indexes_of_the_shop_are_named() -> None:
    widest = {
        resource.suffix
        for role in stack(Flow.CHOREOGRAPHY).of(Role)
        for statement in role.statements
        for resource in statement.resources
        if not isinstance(resource, str) and "suffix" in type(resource).__slots__ and "*" in resource.suffix
    }
    assert widest == {":*", "/stream/*", "/uploads/*", "/originals/*", "/thumbnails/*", "/set-aside/*"}
