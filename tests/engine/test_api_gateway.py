"""REST APIs through the plugin: bodies and gateway responses."""

import base64
import json
import uuid

import pytest
import requests

ECHO = """
def handler(event, context):
    import json
    return {"statusCode": 200, "body": json.dumps({"body": event["body"], "encoded": event["isBase64Encoded"]})}
"""


@pytest.fixture
def api(aws, deploy, engine):
    """A REST API whose POST /echo answers with what its function got; gateway responses as given."""
    client = aws("apigateway")
    made = []

    def create(source=ECHO, responses=None):
        function = deploy(source)
        name = f"t{uuid.uuid4().hex[:8]}"
        client.create_rest_api(name=name, tags={"_custom_id_": name})
        made.append(name)
        root = client.get_resources(restApiId=name)["items"][0]["id"]
        resource = client.create_resource(restApiId=name, parentId=root, pathPart="echo")["id"]
        client.put_method(restApiId=name, resourceId=resource, httpMethod="POST", authorizationType="NONE")
        client.put_integration(
            restApiId=name,
            resourceId=resource,
            httpMethod="POST",
            type="AWS_PROXY",
            integrationHttpMethod="POST",
            uri=f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function.arn}/invocations",
        )
        for kind, template in (responses or {}).items():
            client.put_gateway_response(
                restApiId=name, responseType=kind, responseTemplates={"application/json": template}
            )
        client.create_deployment(restApiId=name, stageName="dev")
        return f"{engine.endpoint}/_aws/execute-api/{name}/dev"

    yield create
    for name in made:
        client.delete_rest_api(restApiId=name)


@pytest.mark.parametrize("size", [2, 600_000])
def test_form_body_arrives_as_it_was_sent(api, size):
    body = "{" + '"a+b": "ü&=%"' + " " * size + "}"

    answer = requests.post(
        f"{api()}/echo",
        data=body.encode(),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        timeout=30,
    )

    assert answer.json() == {"body": body, "encoded": False}


def test_binary_body_arrives_in_base64(api):
    body = bytes(range(256))

    answer = requests.post(f"{api()}/echo", data=body, headers={"Content-Type": "image/png"}, timeout=30)

    assert base64.b64decode(answer.json()["body"]) == body


def test_body_over_ten_megabytes_is_413(api):
    answer = requests.post(f"{api()}/echo", data=b"x" * (10 * 1024 * 1024 + 1), timeout=30)

    assert answer.status_code == 413


def test_declared_gateway_response_shapes_every_error_of_its_kind(api):
    template = '{"error": {"code": "$context.error.responseType", "message": $context.error.messageString}}'
    url = api(responses={"DEFAULT_4XX": template})

    unknown = requests.get(f"{url}/nowhere", timeout=30)
    large = requests.post(f"{url}/echo", data=b"x" * (10 * 1024 * 1024 + 1), timeout=30)

    assert unknown.status_code == 403
    assert unknown.json()["error"] == {
        "code": "MISSING_AUTHENTICATION_TOKEN",
        "message": "Missing Authentication Token",
    }
    assert (large.status_code, large.json()["error"]["code"]) == (413, "REQUEST_TOO_LARGE")


def test_failing_function_is_502_in_the_declared_shape(api):
    url = api("def handler(event, context): raise KeyError", {"DEFAULT_5XX": '{"error": "ours"}'})

    answer = requests.post(f"{url}/echo", data=b"{}", timeout=30)

    assert (answer.status_code, answer.json()) == (502, {"error": "ours"})


def test_undeclared_gateway_response_is_that_of_aws(api):
    answer = requests.get(f"{api()}/nowhere", timeout=30)

    assert answer.status_code == 403
    assert json.loads(answer.text) == {"message": "Missing Authentication Token"}
