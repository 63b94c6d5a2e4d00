"""Integrations of REST APIs that invoke a function."""

import json

import pytest
import requests

from tests.engine.rest_api import RestApi, lambda_uri


@pytest.fixture
def proxy(rest_api, deploy):
    """A REST API whose GET / invokes a function of this source; further arguments are PutIntegration's."""

    def create(source: str, integration: dict | None = None, **arguments) -> RestApi:
        api = rest_api()
        api.route("GET", "/", deploy(source, **arguments), integration)
        api.deploy()
        return api

    return create


def returning(value: str) -> str:
    return f"def handler(event, context): return {value}"


@pytest.mark.parametrize(
    "answer",
    [
        "None",
        "5",
        "'text'",
        "{'statusCode': 200, 'unknown': 1}",
        "{'statusCode': 'many'}",
        "{'statusCode': 200, 'headers': {'x': 1}}",
        "{'statusCode': 200, 'headers': ['x']}",
        "{'statusCode': 200, 'multiValueHeaders': {'x': 'y'}}",
        "{'statusCode': 200, 'body': {'not': 'text'}}",
        "{'errorMessage': 'of my own'}",
    ],
)
def test_malformed_answer_is_502(proxy, answer):
    answer = proxy(returning(answer)).get("/")

    assert (answer.status_code, answer.json()) == (502, {"message": "Internal server error"})


def test_answer_without_fields_is_empty_200(proxy):
    answer = proxy(returning("{}")).get("/")

    assert (answer.status_code, answer.content, answer.headers["Content-Type"]) == (200, b"", "application/json")


def test_headers_of_both_kinds_are_merged(proxy):
    headers = "'headers': {'X-One': '1', 'x-both': 'single', 'X-Bool': True}"
    lists = "'multiValueHeaders': {'X-Both': ['a', 'b'], 'X-Many': ['c', 'd']}"
    api = proxy(returning("{'statusCode': '201', " + headers + ", " + lists + "}"))

    answer = requests.get(api.url, timeout=30, stream=True)

    assert answer.status_code == 201
    assert answer.raw.headers.getlist("X-Both") == ["a", "b", "single"]
    assert answer.raw.headers.getlist("X-Many") == ["c", "d"]
    assert (answer.headers["X-One"], answer.headers["X-Bool"]) == ("1", "true")


def test_throttled_function_is_500(proxy, aws):
    api = proxy(returning("{'statusCode': 200}"))
    name = aws("apigateway").get_integration(restApiId=api.id, resourceId=api.resource("/"), httpMethod="GET")
    aws("lambda").put_function_concurrency(
        FunctionName=name["uri"].split("function:")[1].split("/")[0], ReservedConcurrentExecutions=0
    )

    answer = api.get("/")

    assert (answer.status_code, answer.json()) == (500, {"message": "Internal server error"})


@pytest.mark.parametrize("kind", ["AWS_PROXY", "AWS"])
def test_body_over_lambdas_six_megabytes_is_413(rest_api, deploy, kind):
    api = rest_api()
    api.route("POST", "/", deploy(returning("{'statusCode': 200}")), {"type": kind})
    api.respond("POST", "/")
    api.deploy()

    answer = api.post("/", json={"padding": "x" * 7_000_000})

    assert (answer.status_code, answer.json()) == (413, {"message": "Request Too Long"})


def test_missing_function_is_502(rest_api):
    api = rest_api()
    uri = lambda_uri("arn:aws:lambda:us-east-1:000000000000:function:nowhere")
    api.route("GET", "/", integration={"uri": uri})
    api.deploy()

    assert api.get("/").status_code == 502


def test_function_over_the_integration_timeout_is_504(proxy):
    api = proxy("import time\ndef handler(event, context): time.sleep(5)", {"timeoutInMillis": 200})

    answer = api.get("/")

    assert (answer.status_code, answer.json()) == (504, {"message": "Endpoint request timed out"})


def test_function_within_the_integration_timeout_is_answered(proxy):
    api = proxy(returning("{'statusCode': 204}"), {"timeoutInMillis": 20_000}, Timeout=60)

    assert api.get("/").status_code == 204


def test_trace_of_the_request_goes_on_in_the_function(proxy):
    source = """
    import os
    def handler(event, context):
        return {"statusCode": 200, "body": os.environ["_X_AMZN_TRACE_ID"]}
    """
    trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"

    assert proxy(source).get("/", headers={"X-Amzn-Trace-Id": trace}).text == trace


ECHO_EVENT = """
def handler(event, context):
    if event.get("fail"):
        raise ValueError("no " + event["fail"])
    return {"got": event}
"""


@pytest.fixture
def custom(rest_api, deploy):
    """A REST API whose POST / invokes ``ECHO_EVENT`` without proxy; errors that begin with ``no`` are 422."""
    api = rest_api()
    integration = {"type": "AWS", "requestTemplates": {"application/json": '{"fail": $input.json("$.fail")}'}}
    api.route("POST", "/", deploy(ECHO_EVENT), integration)
    api.respond("POST", "/")
    api.respond("POST", "/", "422", selectionPattern="no .*")
    api.deploy()
    return api


def test_custom_integration_maps_request_and_answer(custom):
    answer = custom.post("/", json={"fail": ""})

    assert (answer.status_code, answer.json()) == (200, {"got": {"fail": ""}})


def test_custom_integration_selects_the_response_by_error(custom):
    answer = custom.post("/", json={"fail": "luck"})

    assert (answer.status_code, answer.json()["errorMessage"]) == (422, "no luck")


def test_custom_integration_invokes_asynchronously(rest_api, deploy, aws):
    queue = aws("sqs").create_queue(QueueName="custom-integration-event")["QueueUrl"]
    source = f"""
    import boto3
    def handler(event, context):
        boto3.client("sqs").send_message(QueueUrl={queue!r}, MessageBody=event["say"])
    """
    api = rest_api()
    parameters = {"integration.request.header.X-Amz-Invocation-Type": "'Event'"}
    api.route("POST", "/", deploy(source), {"type": "AWS", "requestParameters": parameters})
    api.respond("POST", "/", "202")
    api.deploy()

    answer = api.post("/", json={"say": "later"})
    messages = aws("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=20)["Messages"]

    assert answer.status_code == 202
    assert [message["Body"] for message in messages] == ["later"]


def test_custom_integration_of_a_throttled_function_is_500(rest_api, deploy, aws):
    function = deploy(ECHO_EVENT)
    aws("lambda").put_function_concurrency(FunctionName=function.name, ReservedConcurrentExecutions=0)
    api = rest_api()
    api.route("POST", "/", function, {"type": "AWS"})
    api.respond("POST", "/")
    api.deploy()

    answer = api.post("/", json={})

    assert (answer.status_code, json.loads(answer.text)) == (500, {"message": "Internal server error"})
