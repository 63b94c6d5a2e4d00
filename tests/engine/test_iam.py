"""``/_loadstack/iam/calls`` on the running engine: which role asks for what, by who calls."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import requests

from tests.engine.conftest import ROLE
from tests.engine.messaging import unique
from tests.engine.resources import a_table
from tests.waiting import until

pytestmark = pytest.mark.slow

CALLER = """
    import boto3, botocore.exceptions
    def handler(event, context):
        for service, operation, parameters in event["calls"]:
            try:
                getattr(boto3.client(service), operation)(**parameters)
            except botocore.exceptions.ClientError as error:
                if error.response["Error"]["Code"] not in event.get("expected", ()):
                    raise
            except botocore.exceptions.ParamValidationError:
                pass
        if role := event.get("takes"):
            taken = boto3.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
            boto3.client(
                "sqs",
                aws_access_key_id=taken["AccessKeyId"],
                aws_secret_access_key=taken["SecretAccessKey"],
                aws_session_token=taken["SessionToken"],
            ).list_queues()
"""


@pytest.fixture
def calls(engine):
    def get(caller, role=ROLE):
        answer = requests.get(f"{engine.endpoint}/_loadstack/iam/calls", timeout=10)
        assert answer.status_code == 200
        return [
            (each["action"], each["resource"], each["count"])
            for each in answer.json()["calls"]
            if (each["caller"], each["role"]) == (caller, role)
        ]

    return get


def test_a_functions_calls_are_told_by_action_and_resource(aws, deploy, calls, queue):
    function = deploy(CALLER)
    table = a_table(aws("dynamodb"))
    put = {"Put": {"TableName": table, "Item": {"id": {"S": "1"}}}}
    check = {
        "ConditionCheck": {"TableName": table, "Key": {"id": {"S": "2"}}, "ConditionExpression": "attribute_exists(id)"}
    }
    made = [
        ("sqs", "send_message_batch", {"QueueUrl": queue.url, "Entries": [{"Id": "1", "MessageBody": "m"}]}),
        ("sqs", "send_message", {"QueueUrl": queue.url, "MessageBody": "m"}),
        ("dynamodb", "transact_write_items", {"TransactItems": [put, check]}),
        ("dynamodb", "query", {"TableName": "not-there", "KeyConditionExpression": "a = b"}),
        ("dynamodb", "get_item", {"Key": {}}),  # lacks its table: never sent
        ("sts", "get_caller_identity", {}),
    ]
    expected = ["TransactionCanceledException", "ValidationException", "ResourceNotFoundException"]
    role = "arn:aws:iam::000000000000:role/another"
    answer = function.invoke({"calls": made, "expected": expected, "takes": role})
    aws("dynamodb").delete_table(TableName=table)

    assert answer.error is None, answer.payload
    of = "arn:aws:dynamodb:us-east-1:000000000000:table"
    assert calls(f"function:{function.name}") == [
        ("dynamodb:ConditionCheckItem", f"{of}/{table}", 1),
        ("dynamodb:PutItem", f"{of}/{table}", 1),
        ("dynamodb:Query", f"{of}/not-there", 1),
        ("sqs:SendMessage", queue.arn, 2),
        ("sts:AssumeRole", role, 1),
    ]


def test_an_update_forgets_what_the_code_before_it_called(aws, deploy, calls):
    function = deploy(CALLER)
    function.invoke({"calls": [("sqs", "list_queues", {})]})
    aws("lambda").update_function_configuration(FunctionName=function.name, Description="another")
    aws("lambda").get_waiter("function_updated_v2").wait(FunctionName=function.name, WaiterConfig={"Delay": 0.05})

    assert calls(f"function:{function.name}") == [("sqs:ListQueues", "*", 1)]
    function.invoke({"calls": [("sns", "list_topics", {})]})
    assert calls(f"function:{function.name}") == [("sns:ListTopics", "*", 1)]


def test_an_apis_integration_asks_with_its_role(aws, rest_api, deploy, queue, calls):
    api, role = rest_api(), "arn:aws:iam::000000000000:role/api"
    bucket = unique("images")
    aws("s3").create_bucket(Bucket=bucket)
    function = deploy("def handler(event, context): return {'statusCode': 200}")
    send = {
        "type": "AWS",
        "integrationHttpMethod": "POST",
        "credentials": role,
        "uri": f"arn:aws:apigateway:us-east-1:sqs:path/000000000000/{queue.url.rpartition('/')[2]}",
        "requestTemplates": {"application/json": "Action=SendMessage&MessageBody=$util.urlEncode($input.body)"},
        "requestParameters": {"integration.request.header.Content-Type": "'application/x-www-form-urlencoded'"},
    }
    put = {
        "type": "AWS",
        "integrationHttpMethod": "PUT",
        "credentials": role,
        "uri": f"arn:aws:apigateway:us-east-1:s3:path/{bucket}/uploads/1",
    }
    call = {
        "type": "AWS_PROXY",
        "integrationHttpMethod": "POST",
        "credentials": role,
        "uri": f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function.arn}/invocations",
    }
    for path, integration in (("/orders", send), ("/image", put), ("/call", call)):
        api.route("POST", path, integration=integration)
        if integration is not call:
            api.respond("POST", path)
    api.deploy()

    answers = [api.post(path, json={"data": "x"}).status_code for path in ("/orders", "/orders", "/image", "/call")]
    aws("s3").delete_object(Bucket=bucket, Key="uploads/1")
    aws("s3").delete_bucket(Bucket=bucket)

    assert answers == [200] * 4
    assert calls(f"api:{api.id}", role) == [
        ("lambda:InvokeFunction", function.arn, 1),
        ("s3:PutObject", f"arn:aws:s3:::{bucket}/uploads/1", 1),
        ("sqs:SendMessage", queue.arn, 2),
    ]


def test_state_machines_rules_and_schedules_ask_with_theirs(aws, deploy, queue, bus, calls):
    function = deploy("def handler(event, context): return event")
    role = f"arn:aws:iam::000000000000:role/{unique('machine')}"
    send = {"QueueUrl": queue.url, "MessageBody": "m"}
    states = {
        "Call": {"Type": "Task", "Resource": function.arn, "Next": "Send"},
        "Send": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": send, "End": True},
    }
    steps, scheduler = aws("stepfunctions"), aws("scheduler")
    machine = steps.create_state_machine(
        name=unique("machine"), definition=json.dumps({"StartAt": "Call", "States": states}), roleArn=role
    )["stateMachineArn"]
    bus.rule({"Arn": machine, "RoleArn": role})
    schedule = unique("schedule")
    target = {"Arn": machine, "RoleArn": role, "Input": "{}"}
    try:
        bus.put({"order": 1})
        scheduler.create_schedule(
            Name=schedule,
            ScheduleExpression=f"at({datetime.now(UTC) + timedelta(seconds=2):%Y-%m-%dT%H:%M:%S})",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target=target,
        )
        starts = [("states:StartExecution", machine, 1)]
        until(lambda: calls("events", role) == starts)
        until(lambda: calls("scheduler", role) == starts)
        sends = until(lambda: (found := calls("states", role)) and found[-1][2] == 2 and found)
    finally:
        scheduler.delete_schedule(Name=schedule)
        steps.delete_state_machine(stateMachineArn=machine)

    assert sends == [("lambda:InvokeFunction", function.arn, 2), ("sqs:SendMessage", queue.arn, 2)]
