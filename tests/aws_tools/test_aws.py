"""``aws`` does real work on the engine: what it puts in comes out, by the same words as on AWS."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import requests

from tests.aws_tools.conftest import ROLE, Tools
from tests.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

# Above 8 MiB aws s3 uploads in parts, side by side.
IN_PARTS = 9 * 2**20


def test_sqs_message_is_sent_received_and_deleted(tools: Tools, name: str) -> None:
    url = tools.aws_json("sqs", "create-queue", "--queue-name", name)["QueueUrl"]
    tools.aws("sqs", "send-message", "--queue-url", url, "--message-body", "héllo")
    received = tools.aws_json("sqs", "receive-message", "--queue-url", url, "--wait-time-seconds", "5")
    handle = received["Messages"][0]["ReceiptHandle"]
    tools.aws("sqs", "delete-message", "--queue-url", url, "--receipt-handle", handle)

    assert received["Messages"][0]["Body"] == "héllo"
    wanted = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    left = tools.aws_json("sqs", "get-queue-attributes", "--queue-url", url, "--attribute-names", *wanted)
    assert left["Attributes"] == dict.fromkeys(wanted, "0")


@pytest.mark.parametrize("size", [12, IN_PARTS])
def test_s3_file_comes_back_by_copy_and_by_presigned_url(tools: Tools, name: str, size: int) -> None:
    content = bytes(index % 251 for index in range(size))
    (tools.folder / "there").write_bytes(content)
    tools.aws("s3", "mb", f"s3://{name}")
    tools.aws("s3", "cp", "there", f"s3://{name}/folder/a file", "--no-progress")
    tools.aws("s3", "cp", f"s3://{name}/folder/a file", "back", "--no-progress")
    presigned = tools.aws("s3", "presign", f"s3://{name}/folder/a file").strip()

    assert (tools.folder / "back").read_bytes() == content
    assert requests.get(presigned, timeout=30).content == content
    assert str(size) in tools.aws("s3", "ls", f"s3://{name}/folder/")


def test_s3_sync_brings_over_what_changed_and_removes_the_rest(tools: Tools, name: str) -> None:
    site = tools.folder / "site"
    site.mkdir()
    (site / "index.html").write_text("<p>1</p>")
    (site / "old.html").write_text("<p>old</p>")
    tools.aws("s3", "mb", f"s3://{name}")
    tools.aws("s3", "sync", "site", f"s3://{name}")
    (site / "old.html").unlink()
    (site / "index.html").write_text("<p>two</p>")
    said = tools.aws("s3", "sync", "site", f"s3://{name}", "--delete")

    assert sorted(line.split(":")[0] for line in said.replace("\r", "\n").splitlines() if "to s3:" in line) == [
        "upload"
    ]
    listed = tools.aws_json("s3api", "list-objects-v2", "--bucket", name)["Contents"]
    assert [(each["Key"], each["Size"]) for each in listed] == [("index.html", 10)]
    tools.aws("s3", "rb", f"s3://{name}", "--force")
    assert name not in tools.aws("s3", "ls")


def test_lambda_is_invoked_updated_and_its_logs_are_found(
    tools: Tools, name: str, function: Callable[[str], str]
) -> None:
    function("def handler(event, context):\n    print('told', event['n'])\n    return event['n'] * 2\n")
    invoke = ("lambda", "invoke", "--function-name", name, "--payload", '{"n": 21}')
    first = tools.aws_json(*invoke, "answer")
    assert (first["StatusCode"], (tools.folder / "answer").read_text()) == (200, "42")

    (tools.folder / "app.py").write_text("def handler(event, context):\n    raise ValueError('told again')\n")
    tools.run("python", "-m", "zipfile", "-c", "app.zip", "app.py")
    tools.aws("lambda", "update-function-code", "--function-name", name, "--zip-file", "fileb://app.zip")
    tools.aws("lambda", "wait", "function-updated-v2", "--function-name", name)
    second = tools.aws_json(*invoke, "answer")
    assert second["FunctionError"] == "Unhandled"
    assert json.loads((tools.folder / "answer").read_text())["errorMessage"] == "told again"

    def logged() -> bool:
        found = tools.aws("logs", "filter-log-events", "--log-group-name", f"/aws/lambda/{name}", "--output", "text")
        return "told 21" in found and "told again" in found

    assert until(logged)


def test_dynamodb_items_are_put_got_and_queried(tools: Tools, name: str) -> None:
    tools.aws(
        *("dynamodb", "create-table", "--table-name", name, "--billing-mode", "PAY_PER_REQUEST"),
        *("--attribute-definitions", "AttributeName=id,AttributeType=S", "AttributeName=n,AttributeType=N"),
        *("--key-schema", "AttributeName=id,KeyType=HASH", "AttributeName=n,KeyType=RANGE"),
    )
    tools.aws("dynamodb", "wait", "table-exists", "--table-name", name)
    for number in ("1", "2", "3"):
        item = json.dumps({"id": {"S": "a"}, "n": {"N": number}})
        tools.aws("dynamodb", "put-item", "--table-name", name, "--item", item)

    got = tools.aws_json("dynamodb", "get-item", "--table-name", name, "--key", '{"id": {"S": "a"}, "n": {"N": "2"}}')
    assert got["Item"]["n"] == {"N": "2"}
    queried = tools.aws_json(
        *("dynamodb", "query", "--table-name", name, "--page-size", "1"),
        *("--key-condition-expression", "id = :id AND n > :n"),
        *("--expression-attribute-values", '{":id": {"S": "a"}, ":n": {"N": "1"}}'),
    )
    assert [item["n"]["N"] for item in queried["Items"]] == ["2", "3"]


def test_apigateway_method_is_tested_and_called(tools: Tools, name: str, function: Callable[[str], str]) -> None:
    arn = function("def handler(event, context):\n    return {'statusCode': 200, 'body': event['path']}\n")
    api = tools.aws_json("apigateway", "create-rest-api", "--name", name)
    of_api = ("--rest-api-id", api["id"])
    made = tools.aws_json(
        "apigateway", "create-resource", *of_api, "--parent-id", api["rootResourceId"], "--path-part", "notes"
    )
    method = (*of_api, "--resource-id", made["id"], "--http-method", "GET")
    tools.aws("apigateway", "put-method", *method, "--authorization-type", "NONE")
    tools.aws(
        *("apigateway", "put-integration", *method, "--type", "AWS_PROXY", "--integration-http-method", "POST"),
        *("--uri", f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations"),
    )
    tested = tools.aws_json("apigateway", "test-invoke-method", *method, "--path-with-query-string", "/notes?a=b")
    assert (tested["status"], tested["body"]) == (200, "/notes")

    tools.aws("apigateway", "create-deployment", *of_api, "--stage-name", "dev")
    answer = requests.get(f"{tools.endpoint}/_aws/execute-api/{api['id']}/dev/notes", timeout=30)
    assert (answer.status_code, answer.text) == (200, "/notes")


def test_event_arrives_in_a_queue(tools: Tools, name: str) -> None:
    url = tools.aws_json("sqs", "create-queue", "--queue-name", name)["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:000000000000:{name}"
    tools.aws("events", "put-rule", "--name", name, "--event-pattern", json.dumps({"source": [name]}))
    tools.aws("events", "put-targets", "--rule", name, "--targets", f"Id=queue,Arn={arn}")
    entry = {"Source": name, "DetailType": "Told", "Detail": json.dumps({"n": 1})}
    answer = tools.aws_json("events", "put-events", "--entries", json.dumps([entry]))
    assert answer["FailedEntryCount"] == 0

    received = tools.aws_json("sqs", "receive-message", "--queue-url", url, "--wait-time-seconds", "10")
    assert json.loads(received["Messages"][0]["Body"])["detail"] == {"n": 1}


def test_state_machine_runs_a_function(tools: Tools, name: str, function: Callable[[str], str]) -> None:
    arn = function("def handler(event, context):\n    return event['n'] * 2\n")
    definition = {"StartAt": "Double", "States": {"Double": {"Type": "Task", "Resource": arn, "End": True}}}
    machine = tools.aws_json(
        *("stepfunctions", "create-state-machine", "--name", name),
        *("--definition", json.dumps(definition), "--role-arn", ROLE),
    )["stateMachineArn"]
    started = tools.aws_json("stepfunctions", "start-execution", "--state-machine-arn", machine, "--input", '{"n": 4}')

    def ended() -> Any:
        told = tools.aws_json("stepfunctions", "describe-execution", "--execution-arn", started["executionArn"])
        return told["status"] != "RUNNING" and told

    told = until(ended)
    assert (told["status"], told["output"]) == ("SUCCEEDED", "8")
    history = tools.aws_json("stepfunctions", "get-execution-history", "--execution-arn", started["executionArn"])
    assert history["events"][-1]["type"] == "ExecutionSucceeded"


def test_subscribed_queue_gets_what_sns_publishes(tools: Tools, name: str) -> None:
    url = tools.aws_json("sqs", "create-queue", "--queue-name", name)["QueueUrl"]
    topic = tools.aws_json("sns", "create-topic", "--name", name)["TopicArn"]
    tools.aws(
        *("sns", "subscribe", "--topic-arn", topic, "--protocol", "sqs"),
        *("--notification-endpoint", f"arn:aws:sqs:us-east-1:000000000000:{name}"),
        *("--attributes", "RawMessageDelivery=true"),
    )
    tools.aws("sns", "publish", "--topic-arn", topic, "--message", "to all")

    received = tools.aws_json("sqs", "receive-message", "--queue-url", url, "--wait-time-seconds", "10")
    assert received["Messages"][0]["Body"] == "to all"


def test_parameters_and_secrets_are_kept(tools: Tools, name: str) -> None:
    tools.aws("ssm", "put-parameter", "--name", f"/{name}/p", "--type", "SecureString", "--value", "hidden")
    told = tools.aws_json("ssm", "get-parameter", "--name", f"/{name}/p", "--with-decryption")
    assert told["Parameter"]["Value"] == "hidden"

    tools.aws("secretsmanager", "create-secret", "--name", name, "--secret-string", "more hidden")
    assert tools.aws_json("secretsmanager", "get-secret-value", "--secret-id", name)["SecretString"] == "more hidden"


def test_failure_is_an_exit_code_and_awss_words(tools: Tools, name: str) -> None:
    with pytest.raises(AssertionError, match="NonExistentQueue"):
        tools.aws("sqs", "get-queue-url", "--queue-name", name)
