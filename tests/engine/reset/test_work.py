"""What functions and executions are at when ``POST /_loadstack/reset`` comes is over with it."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.engine.conftest import ROLE
from tests.engine.resources import a_name, a_table
from tests.waiting import until


def test_running_invocation_is_waited_for_and_what_it_wrote_is_gone(other_aws, function, reset, tmp_path):
    """The invocation goes on until the reset has begun, which first of all drops what waits in queues."""
    dynamodb, sqs, begun = other_aws("dynamodb"), other_aws("sqs"), tmp_path / "begun"
    table, queue = a_table(dynamodb), sqs.create_queue(QueueName=a_name())["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody="waits")
    name = function(
        f"""
        import boto3, pathlib, time
        client = boto3.client("dynamodb")
        def handler(event, context):
            client.put_item(TableName="{table}", Item={{"id": {{"S": "started"}}}})
            while not pathlib.Path("{begun}").exists():
                time.sleep(0.01)
            client.put_item(TableName="{table}", Item={{"id": {{"S": "ended"}}}})
        """
    )
    depth = ["ApproximateNumberOfMessages"]
    with ThreadPoolExecutor(2) as executor:
        invoked = executor.submit(other_aws("lambda").invoke, FunctionName=name)
        until(lambda: dynamodb.scan(TableName=table)["Count"])
        answered = executor.submit(reset)
        until(lambda: sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=depth)["Attributes"][depth[0]] == "0")
        assert not answered.done()

        begun.touch()

        answer = answered.result()
        assert answer["status"] == "ok"
        assert answer["waited_ms"] > 0
        assert "FunctionError" not in invoked.result()
    assert dynamodb.scan(TableName=table)["Count"] == 0
    dynamodb.delete_table(TableName=table)
    sqs.delete_queue(QueueUrl=queue)


def test_invocation_that_waits_for_its_environment_is_waited_for_too(
    other_aws, other_engine, function, reset, tmp_path
):
    """Its environment starts until the reset has begun, which first of all drops what waits in queues."""
    dynamodb, sqs, begun = other_aws("dynamodb"), other_aws("sqs"), tmp_path / "begun"
    table, queue = a_table(dynamodb), sqs.create_queue(QueueName=a_name())["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody="waits")
    name = function(
        f"""
        import boto3, pathlib, time
        client = boto3.client("dynamodb")
        while not pathlib.Path("{begun}").exists():
            time.sleep(0.01)
        def handler(event, context):
            client.put_item(TableName="{table}", Item={{"id": {{"S": "old"}}}})
        """
    )

    def starts():
        found = requests.get(f"{other_engine.endpoint}/_loadstack/functions", timeout=5).json()
        return name in found and found[name]["cold_starts"]

    depth = ["ApproximateNumberOfMessages"]
    with ThreadPoolExecutor(2) as executor:
        invoked = executor.submit(other_aws("lambda").invoke, FunctionName=name)
        until(starts)
        answered = executor.submit(reset)
        until(lambda: sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=depth)["Attributes"][depth[0]] == "0")
        assert not answered.done()

        begun.touch()

        assert answered.result()["status"] == "ok"
        assert "FunctionError" not in invoked.result()
    assert dynamodb.scan(TableName=table)["Count"] == 0
    dynamodb.delete_table(TableName=table)
    sqs.delete_queue(QueueUrl=queue)


RECORDING = """
    import boto3, json, os, time
    client = boto3.client("dynamodb")
    def handler(event, context):
        bodies = [record["body"] for record in event["Records"]] if "Records" in event else [event["name"]]
        for body in bodies:
            client.put_item(TableName=os.environ["TABLE"], Item={"id": {"S": body}})
        time.sleep(event.get("sleep", 0))
"""


def test_queued_work_of_before_reaches_no_function(other_aws, function, reset):
    """Messages in a batching window and asynchronous events that wait are dropped; the mapping goes on."""
    dynamodb, sqs, lambdas = other_aws("dynamodb"), other_aws("sqs"), other_aws("lambda")
    table = a_table(dynamodb)
    name = function(RECORDING, Environment={"Variables": {"TABLE": table}})
    url = sqs.create_queue(QueueName=a_name())["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    window = {"BatchSize": 100, "MaximumBatchingWindowInSeconds": 2}
    mapping = lambdas.create_event_source_mapping(EventSourceArn=arn, FunctionName=name, **window)["UUID"]
    until(lambda: lambdas.get_event_source_mapping(UUID=mapping)["State"] == "Enabled")
    lambdas.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
    with ThreadPoolExecutor(1) as executor:
        executor.submit(lambdas.invoke, FunctionName=name, Payload=json.dumps({"name": "running", "sleep": 1.5}))
        until(lambda: dynamodb.scan(TableName=table)["Count"])
        # It finds the function busy twice, and waits two seconds the second time.
        lambdas.invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps({"name": "old event"}))
        sqs.send_message(QueueUrl=url, MessageBody="old")
        depth = {"QueueUrl": url, "AttributeNames": ["ApproximateNumberOfMessagesNotVisible"]}
        until(lambda: sqs.get_queue_attributes(**depth)["Attributes"]["ApproximateNumberOfMessagesNotVisible"] == "1")

        assert reset()["status"] == "ok"
    sqs.send_message(QueueUrl=url, MessageBody="new")

    until(lambda: dynamodb.scan(TableName=table)["Count"])
    assert [item["id"]["S"] for item in dynamodb.scan(TableName=table)["Items"]] == ["new"]
    lambdas.delete_event_source_mapping(UUID=mapping)
    sqs.delete_queue(QueueUrl=url)
    dynamodb.delete_table(TableName=table)


def test_resets_at_once_and_under_load_end_and_keep_what_comes_after(other_aws, other_engine, function, reset):
    dynamodb, lambdas = other_aws("dynamodb"), other_aws("lambda")
    table = a_table(dynamodb)
    name = function(RECORDING, Environment={"Variables": {"TABLE": table}})
    stop = threading.Event()

    def load(number):
        count = 0
        while not stop.is_set():
            payload = json.dumps({"name": f"{number}-{count}"})
            assert "FunctionError" not in lambdas.invoke(FunctionName=name, Payload=payload)
            count += 1
        return count

    with ThreadPoolExecutor(8) as executor:
        loads = [executor.submit(load, number) for number in range(3)]
        until(lambda: dynamodb.scan(TableName=table)["Count"] > 10)
        resets = [executor.submit(reset) for _ in range(3)]
        answers = [each.result() for each in resets]
        stop.set()
        counts = [each.result() for each in loads]
    assert [answer["status"] for answer in answers] == ["ok"] * 3
    assert sum(counts) > 10

    reset()
    dynamodb.put_item(TableName=table, Item={"id": {"S": "after"}})

    assert [item["id"]["S"] for item in dynamodb.scan(TableName=table)["Items"]] == ["after"]
    dynamodb.delete_table(TableName=table)


def _waits_between_attempts(function):
    """A state machine that tries once more after 1 s, and fails."""
    retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 1}]
    call = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": function}}
    return json.dumps({"StartAt": "Try", "States": {"Try": {**call, "Retry": retry, "End": True}}})


def test_execution_that_waits_between_attempts_is_never_heard_of_again(other_aws, reset, function):
    client, events, sqs = other_aws("stepfunctions"), other_aws("events"), other_aws("sqs")
    definition = _waits_between_attempts(function("def handler(event, context): raise ValueError"))
    arn = client.create_state_machine(name=a_name(), definition=definition, roleArn=ROLE)["stateMachineArn"]
    url = sqs.create_queue(QueueName=a_name())["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    rule = a_name()
    pattern = {"source": ["aws.states"], "detail": {"stateMachineArn": [arn], "status": ["FAILED", "ABORTED"]}}
    events.put_rule(Name=rule, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=rule, Targets=[{"Id": "queue", "Arn": queue}])
    execution = client.start_execution(stateMachineArn=arn, name="before")["executionArn"]
    until(lambda: "TaskFailed" in {e["type"] for e in client.get_execution_history(executionArn=execution)["events"]})

    reset()
    with pytest.raises(client.exceptions.ExecutionDoesNotExist):
        client.describe_execution(executionArn=execution)
    client.start_execution(stateMachineArn=arn, name="after")  # waits as long, so it ends after the one that is gone

    message = until(lambda: sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5).get("Messages"))
    assert [json.loads(each["Body"])["detail"]["name"] for each in message] == ["after"]
    events.remove_targets(Rule=rule, Ids=["queue"])
    events.delete_rule(Name=rule)
    client.delete_state_machine(stateMachineArn=arn)
    sqs.delete_queue(QueueUrl=url)


def test_what_aws_would_bill_and_what_iam_would_be_asked_is_told_anew(other_aws, other_engine, function, reset):
    def told(route):
        return requests.get(f"{other_engine.endpoint}/_loadstack/{route}", timeout=5).json()

    name = function("import boto3\ndef handler(event, context): boto3.client('sqs').list_queues()")
    other_aws("lambda").invoke(FunctionName=name)
    before, asked = told("usage"), told("iam/calls")

    reset()

    assert before["lambda"][name]["requests"] == 1
    assert name not in told("usage")["lambda"]
    assert told("usage")["since"] > before["since"]
    assert f"function:{name}" in [each["caller"] for each in asked["calls"]]
    assert f"function:{name}" not in [each["caller"] for each in told("iam/calls")["calls"]]
    assert told("iam/calls")["since"] > asked["since"]
