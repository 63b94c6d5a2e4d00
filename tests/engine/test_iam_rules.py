"""What IAM asks of calls, and what is kept of that, without an engine."""

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from botocore.session import Session

from loadstack_engine.iam.record import Record
from loadstack_engine.runtime import _loadstack_iam as iam

REGION = "us-east-1"
ROLE = "arn:aws:iam::000000000000:role/shop-orders"
TABLE = "arn:aws:dynamodb:us-east-1::table/orders"
KEY = {"orderId": {"S": "1"}}
SECRET = "arn:aws:secretsmanager:us-east-1:000000000000:secret:shop/jwt-a1b2c3"

CALLS: list[tuple[str, str, dict[str, Any], list[tuple[str, str]]]] = [
    ("dynamodb", "GetItem", {"TableName": "orders", "Key": KEY}, [("dynamodb:GetItem", TABLE)]),
    ("dynamodb", "Query", {"TableName": "orders"}, [("dynamodb:Query", TABLE)]),
    ("dynamodb", "Query", {"TableName": "orders", "IndexName": "by"}, [("dynamodb:Query", f"{TABLE}/index/by")]),
    (
        "dynamodb",
        "BatchGetItem",
        {"RequestItems": {"orders": {}, "arn:aws:dynamodb:eu-west-1:1:table/stock": {}}},
        [("dynamodb:BatchGetItem", TABLE), ("dynamodb:BatchGetItem", "arn:aws:dynamodb:eu-west-1:1:table/stock")],
    ),
    (
        "dynamodb",
        "TransactWriteItems",
        {
            "TransactItems": [
                {"Put": {"TableName": "orders"}},
                {"Put": {"TableName": "orders"}},
                {"ConditionCheck": {"TableName": "orders"}},
                {"Update": {"TableName": "stock"}},
                {"Delete": {"TableName": "stock"}},
            ]
        },
        [
            ("dynamodb:PutItem", TABLE),
            ("dynamodb:ConditionCheckItem", TABLE),
            ("dynamodb:UpdateItem", TABLE.replace("orders", "stock")),
            ("dynamodb:DeleteItem", TABLE.replace("orders", "stock")),
        ],
    ),
    (
        "dynamodb",
        "TransactGetItems",
        {"TransactItems": [{"Get": {"TableName": "orders"}}]},
        [("dynamodb:GetItem", TABLE)],
    ),
    (
        "dynamodb",
        "ExecuteStatement",
        {"Statement": 'select * from "orders"."by" where id = ?'},
        [("dynamodb:PartiQLSelect", f"{TABLE}/index/by")],
    ),
    (
        "dynamodb",
        "BatchExecuteStatement",
        {"Statements": [{"Statement": "INSERT INTO orders VALUE {}"}, {"Statement": "DELETE FROM orders"}]},
        [("dynamodb:PartiQLInsert", TABLE), ("dynamodb:PartiQLDelete", TABLE)],
    ),
    (
        "dynamodb",
        "ExecuteTransaction",
        {
            "TransactStatements": [
                {"Statement": "EXISTS(SELECT * FROM orders)"},
                {"Statement": "UPDATE orders SET a = 1 WHERE id = ?"},
            ]
        },
        [("dynamodb:PartiQLSelect", TABLE), ("dynamodb:PartiQLUpdate", TABLE)],
    ),
    (
        "dynamodb",
        "ExecuteStatement",
        {"Statement": "SELECT * FROM orders.by WHERE id = ?"},
        [("dynamodb:PartiQLSelect", f"{TABLE}/index/by")],
    ),
    (
        "dynamodb",
        "ExecuteStatement",
        {"Statement": 'SELECT * FROM "orders.eu"'},
        [("dynamodb:PartiQLSelect", f"{TABLE}.eu")],
    ),
    ("dynamodb", "ListTables", {}, [("dynamodb:ListTables", "*")]),
    (
        "sqs",
        "SendMessageBatch",
        {"QueueUrl": "http://127.0.0.1:4566/000000000000/orders"},
        [("sqs:SendMessage", "arn:aws:sqs:us-east-1:000000000000:orders")],
    ),
    ("sqs", "GetQueueUrl", {"QueueName": "orders"}, [("sqs:GetQueueUrl", "arn:aws:sqs:us-east-1::orders")]),
    ("sns", "PublishBatch", {"TopicArn": "arn:aws:sns:us-east-1:1:t"}, [("sns:Publish", "arn:aws:sns:us-east-1:1:t")]),
    ("sns", "Publish", {"PhoneNumber": "+1"}, [("sns:Publish", "*")]),
    (
        "events",
        "PutEvents",
        {"Entries": [{"EventBusName": "shop"}, {"EventBusName": "shop"}, {}]},
        [
            ("events:PutEvents", "arn:aws:events:us-east-1::event-bus/shop"),
            ("events:PutEvents", "arn:aws:events:us-east-1::event-bus/default"),
        ],
    ),
    ("s3", "HeadObject", {"Bucket": "b", "Key": "a/1"}, [("s3:GetObject", "arn:aws:s3:::b/a/1")]),
    ("s3", "GetObject", {"Bucket": "b", "Key": "k", "VersionId": "1"}, [("s3:GetObjectVersion", "arn:aws:s3:::b/k")]),
    ("s3", "ListObjectsV2", {"Bucket": "b", "Prefix": "a/"}, [("s3:ListBucket", "arn:aws:s3:::b")]),
    (
        "s3",
        "DeleteObjects",
        {"Bucket": "b", "Delete": {"Objects": [{"Key": "1"}, {"Key": "2", "VersionId": "v"}]}},
        [("s3:DeleteObject", "arn:aws:s3:::b/1"), ("s3:DeleteObjectVersion", "arn:aws:s3:::b/2")],
    ),
    (
        "s3",
        "CopyObject",
        {"Bucket": "b", "Key": "new", "CopySource": "a/old%20one"},
        [("s3:PutObject", "arn:aws:s3:::b/new"), ("s3:GetObject", "arn:aws:s3:::a/old one")],
    ),
    (
        "s3",
        "PutObject",
        {"Bucket": "b", "Key": "k", "ACL": "public-read"},
        [("s3:PutObject", "arn:aws:s3:::b/k"), ("s3:PutObjectAcl", "arn:aws:s3:::b/k")],
    ),
    ("s3", "ListBuckets", {}, [("s3:ListAllMyBuckets", "*")]),
    (
        "ses",
        "SendEmail",
        {"Source": "Shop <shop@example.com>"},
        [("ses:SendEmail", "arn:aws:ses:us-east-1::identity/shop@example.com")],
    ),
    ("lambda", "Invoke", {"FunctionName": "f"}, [("lambda:InvokeFunction", "arn:aws:lambda:us-east-1::function:f")]),
    (
        "lambda",
        "Invoke",
        {"FunctionName": "my-function:live"},
        [("lambda:InvokeFunction", "arn:aws:lambda:us-east-1::function:my-function:live")],
    ),
    (
        "lambda",
        "Invoke",
        {"FunctionName": "arn:aws:lambda:eu-west-1:000000000001:function:f", "Qualifier": "2"},
        [("lambda:InvokeFunction", "arn:aws:lambda:eu-west-1:000000000001:function:f:2")],
    ),
    (
        "stepfunctions",
        "StartExecution",
        {"stateMachineArn": "arn:aws:states:us-east-1:1:stateMachine:m"},
        [("states:StartExecution", "arn:aws:states:us-east-1:1:stateMachine:m")],
    ),
    (
        "ssm",
        "GetParameters",
        {"Names": ["/a/b", "c:3"]},
        [
            ("ssm:GetParameters", "arn:aws:ssm:us-east-1::parameter/a/b"),
            ("ssm:GetParameters", "arn:aws:ssm:us-east-1::parameter/c"),
        ],
    ),
    ("kinesis", "PutRecord", {"StreamName": "s"}, [("kinesis:PutRecord", "arn:aws:kinesis:us-east-1::stream/s")]),
    ("cloudwatch", "PutMetricData", {"Namespace": "n"}, [("cloudwatch:PutMetricData", "*")]),
    ("sts", "GetCallerIdentity", {}, []),
    ("rekognition", "DetectFaces", {"Image": {}}, [("rekognition:DetectFaces", "")]),
    ("dynamodb", "GetItem", {"TableName": None}, [("dynamodb:GetItem", "")]),
]


@pytest.mark.parametrize(("service", "operation", "parameters", "found"), CALLS)
def test_a_call_asks_for(
    service: str, operation: str, parameters: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    assert iam.asked(service, operation, parameters, REGION, {}) == found


def test_a_secret_has_the_arn_of_the_answer_where_there_is_one() -> None:
    read = ("secretsmanager", "GetSecretValue", {"SecretId": "shop/jwt"}, REGION)
    assert iam.asked(*read, {"ARN": SECRET}) == [("secretsmanager:GetSecretValue", SECRET)]
    unknown = "arn:aws:secretsmanager:us-east-1::secret:shop/jwt-??????"
    assert iam.asked(*read, {}) == [("secretsmanager:GetSecretValue", unknown)]


# Their actions are those of what they ask for.
TAKEN_APART = {
    f"dynamodb:{each}"
    for each in (
        "TransactGetItems",
        "TransactWriteItems",
        "ExecuteStatement",
        "ExecuteTransaction",
        "BatchExecuteStatement",
    )
}


def test_every_operation_of_the_usual_services_is_an_action_that_iam_knows() -> None:
    """By the actions of AWS's Service Authorization Reference, as cfn-lint carries them."""
    found = find_spec("cfnlint")  # to import it takes seconds
    assert found is not None
    assert found.origin is not None
    known = json.loads((Path(found.origin).parent / "data/AdditionalSpecs/Policies.json").read_text())
    named = {("s3", action) for action in iam._NAMED_OTHERWISE["s3"].values()}
    session = Session()
    for service in ("sqs", "sns", "ses", "ssm", "lambda", "dynamodb", "stepfunctions", "secretsmanager", "events"):
        prefix = iam._PREFIXES.get(service, service)
        operations = session.get_service_model(service).operation_names
        named |= {(prefix, iam._NAMED_OTHERWISE.get(service, {}).get(each, each)) for each in operations}
    missing = {f"{service}:{action}" for service, action in named if action.lower() not in known[service]["Actions"]}
    assert missing == TAKEN_APART


def calls(record: Record) -> list[tuple[str, str | None, int]]:
    return [(each["action"], each["resource"], each["count"]) for each in record.as_dict()["calls"]]


def test_equal_calls_are_one_with_a_count_and_the_account_is_the_roles() -> None:
    record = Record()
    for _ in range(2):
        record.add(ROLE, "function:orders", [("dynamodb:GetItem", TABLE, 2), ("a:B", "", 1), ("a:C", "*", 1)])
    assert calls(record) == [
        ("a:B", None, 2),
        ("a:C", "*", 2),
        ("dynamodb:GetItem", "arn:aws:dynamodb:us-east-1:000000000000:table/orders", 4),
    ]
    record.clear()
    told = record.as_dict()
    assert (calls(record), told["left_out"], told["lost"]) == ([], 0, 0)


def test_an_update_of_a_function_forgets_what_it_called_before() -> None:
    record = Record()
    before, after = "one", ("two", 2)
    record.add(ROLE, "function:orders", [("a:B", "*", 1)], before)
    record.add(ROLE, "function:orders:1", [("a:B", "*", 1)], before)
    record.add(ROLE, "function:orders", [("a:C", "*", 1)], after)
    record.add(ROLE, "function:orders", [("a:D", "*", 1)], before)  # began before the update
    record.add(ROLE, "function:orders", [("a:C", "*", 1)], after)
    assert [(each["caller"], each["action"], each["count"]) for each in record.as_dict()["calls"]] == [
        ("function:orders", "a:C", 2),
        ("function:orders:1", "a:B", 1),
    ]


def test_objects_are_kept_by_the_first_part_of_their_keys_and_the_rest_is_counted() -> None:
    record = Record()
    for number in range(30):
        record.add(ROLE, "function:images", [("s3:PutObject", f"arn:aws:s3:::b/a/{number}", 1)])
    for key in ("c/1", "a/1"):
        record.add(ROLE, "function:images", [("s3:PutObject", f"arn:aws:s3:::b/{key}", 1)])
    kept = calls(record)
    assert len(kept) == 21
    assert ("s3:PutObject", "arn:aws:s3:::b/c/1", 1) in kept
    assert ("s3:PutObject", "arn:aws:s3:::b/a/1", 2) in kept
    assert record.as_dict()["left_out"] == 10


@pytest.mark.parametrize("key", ["{}.json", "{}/a.json"])
def test_objects_without_a_folder_or_each_in_its_own_leave_room_for_other_calls(key: str) -> None:
    record = Record()
    for number in range(10_100):
        record.add(ROLE, "function:images", [("s3:PutObject", f"arn:aws:s3:::b/{key.format(number)}", 1)])
    record.add(ROLE, "function:images", [("s3:PutObject", "arn:aws:s3:::other/1", 1), ("sqs:SendMessage", "*", 1)])
    record.add(ROLE, "function:orders", [("s3:PutObject", "arn:aws:s3:::b/1", 1)])
    assert len(calls(record)) == 20 + 3
    told = record.as_dict()
    assert (told["left_out"], told["lost"]) == (10_080, 0)


def test_calls_beyond_those_that_are_kept_are_counted_apart() -> None:
    record = Record()
    record.add(ROLE, "function:orders", [("a:B", str(number), 1) for number in range(10_000)])
    record.add(ROLE, "function:orders", [("a:C", "*", 2), ("a:B", "1", 1)])
    told = record.as_dict()
    assert (len(told["calls"]), told["left_out"], told["lost"]) == (10_000, 0, 2)


def test_what_is_no_role_and_what_is_off_is_not_recorded() -> None:
    off, on = Record(on=False), Record()
    off.add(ROLE, "function:orders", [("a:B", "*", 1)])
    on.add("arn:aws:iam::*:user/*", "api:shop", [("a:B", "*", 1)])
    assert (calls(off), calls(on)) == ([], [])
