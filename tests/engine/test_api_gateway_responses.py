"""Gateway responses: each kind of error, as declared."""

import json

import pytest

from tests.engine.rest_api import lambda_uri

OK = "def handler(event, context): return {'statusCode': 200}"
TEMPLATE = """{"code": "$context.error.responseType", "message": $context.error.messageString,
 "text": "$context.error.message", "details": "$context.error.validationErrorString"}"""
MODEL = {
    "type": "object",
    "required": ["name", "items"],
    "properties": {
        "name": {"type": "string", "maxLength": 5},
        "items": {"type": "array", "items": {"type": "object", "properties": {"quantity": {"type": "integer"}}}},
    },
}


def declare(api, kind, template=TEMPLATE, **arguments):
    api.client.put_gateway_response(
        restApiId=api.id, responseType=kind, responseTemplates={"application/json": template}, **arguments
    )


@pytest.fixture
def validated(rest_api, deploy):
    """POST /things, which wants a body of ``MODEL``, a query parameter ``q`` and a header ``X-Some``."""
    api = rest_api()
    api.client.create_model(restApiId=api.id, name="Thing", contentType="application/json", schema=json.dumps(MODEL))
    validator = api.client.create_request_validator(
        restApiId=api.id, name="all", validateRequestBody=True, validateRequestParameters=True
    )
    api.route(
        "POST",
        "/things",
        deploy(OK),
        requestValidatorId=validator["id"],
        requestModels={"application/json": "Thing"},
        requestParameters={"method.request.querystring.q": True, "method.request.header.X-Some": True},
    )
    for kind in ("BAD_REQUEST_BODY", "BAD_REQUEST_PARAMETERS"):
        declare(api, kind)
    api.deploy()
    return api


def post(api, body):
    return api.post("/things?q=1", headers={"X-Some": "x", "Content-Type": "application/json"}, data=body)


def test_missing_parameters_are_named(validated):
    answer = validated.post("/things", json={})

    assert answer.status_code == 400
    assert answer.json() == {
        "code": "BAD_REQUEST_PARAMETERS",
        "message": "Missing required request parameters: [X-Some, q]",
        "text": "Missing required request parameters: [X-Some, q]",
        "details": "",
    }


@pytest.mark.parametrize(
    ("body", "details"),
    [
        ("{}", '[object has missing required properties (["items","name"])]'),
        ('{"name": "x"}', '[object has missing required properties (["items"])]'),
        ("[]", '[instance type (array) does not match any allowed primitive type (allowed: ["object"])]'),
        (
            '{"name": "longer", "items": [{}, {"quantity": "2"}]}',
            "[/items/1/quantity: instance type (string) does not match any allowed primitive type "
            '(allowed: ["integer"]), '
            '/name: string "longer" is too long (length: 6, maximum allowed: 5)]',
        ),
    ],
)
def test_invalid_body_says_what_is_wrong(validated, body, details):
    answer = post(validated, body)

    assert answer.status_code == 400
    assert answer.json() == {
        "code": "BAD_REQUEST_BODY",
        "message": "Invalid request body",
        "text": "Invalid request body",
        "details": details,
    }


@pytest.mark.parametrize(
    "body",
    ['{"name": ', "[" * 200_000, '{"name": "x", "items": [], "y": NaN}', '{"name": "x", "items": []}'.encode("utf-16")],
    ids=["cut", "of boundless depth", "with what JSON has not", "in UTF-16"],
)
def test_body_that_is_no_json_is_400(validated, body):
    answer = post(validated, body)

    assert (answer.status_code, answer.json()["code"]) == (400, "BAD_REQUEST_BODY")
    assert "Could not parse request body into json" in answer.json()["details"]


def test_valid_body_passes(validated):
    assert post(validated, '{"name": "x", "items": []}').status_code == 200


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        (None, 200),
        ("application/json", 200),
        ("application/json; charset=utf-8", 200),
        ("Application/JSON;charset=UTF-8", 200),
        ("text/plain", 415),
        ("application/json+x", 415),
    ],
)
def test_template_is_that_of_the_media_type_whatever_its_parameters(rest_api, content_type, status):
    api = rest_api()
    template = {"application/json": '{"statusCode": 200}'}
    integration = {"type": "MOCK", "requestTemplates": template, "passthroughBehavior": "NEVER"}
    api.route("POST", "/", integration=integration)
    api.respond("POST", "/")
    api.deploy()

    answer = api.post("/", data=b"{}", headers={"Content-Type": content_type} if content_type else {})

    assert answer.status_code == status


def test_headers_and_status_are_those_declared(rest_api):
    api = rest_api()
    api.route("GET", "/", integration={"type": "MOCK"})
    declare(
        api,
        "DEFAULT_4XX",
        "$stageVariables.colour $method.request.header.X-Ask $method.request.querystring.q $context.nothing.here",
        statusCode="418",
        responseParameters={
            "gatewayresponse.header.Access-Control-Allow-Origin": "'*'",
            "gatewayresponse.header.X-Asked": "method.request.header.X-Ask",
            "gatewayresponse.header.X-Query": "method.request.querystring.q",
            "gatewayresponse.header.X-Path": "context.path",
            "gatewayresponse.header.X-Id": "context.requestId",
            "gatewayresponse.header.X-Nothing": "method.request.header.Nothing",
        },
    )
    api.deploy()
    api.update_stage(("/variables/colour", "red"))

    answer = api.get("/nowhere?q=1", headers={"x-ask": "me"})

    assert (answer.status_code, answer.text) == (418, "red me 1 ")
    headers = answer.headers
    assert (headers["Access-Control-Allow-Origin"], headers["X-Asked"], headers["X-Query"]) == ("*", "me", "1")
    assert (headers["X-Path"], headers["X-Id"]) == ("/dev/nowhere", headers["x-amzn-RequestId"])
    assert "X-Nothing" not in headers


def test_template_is_chosen_by_what_the_request_accepts(rest_api):
    api = rest_api()
    api.route("GET", "/", integration={"type": "MOCK"})
    templates = {"application/json": "{}", "application/xml": "<error/>"}
    api.client.put_gateway_response(restApiId=api.id, responseType="DEFAULT_4XX", responseTemplates=templates)
    api.deploy()

    answers = {accept: api.get("/nowhere", headers={"Accept": accept}) for accept in ("application/xml", "text/html")}

    assert {accept: (a.text, a.headers["Content-Type"]) for accept, a in answers.items()} == {
        "application/xml": ("<error/>", "application/xml"),
        "text/html": ("{}", "application/json"),
    }


def test_too_large_body_is_413_with_the_requests_own_variables(rest_api, deploy):
    api = rest_api()
    api.route("POST", "/", deploy(OK))
    declare(api, "REQUEST_TOO_LARGE", '{"path": "$context.path", "id": "$context.requestId", "code": "TOO_LARGE"}')
    api.deploy()

    answer = api.post("/", data=b"x" * (10 * 1024 * 1024 + 1))

    assert answer.status_code == 413
    assert answer.json() == {"path": "/dev/", "id": answer.headers["x-amzn-RequestId"], "code": "TOO_LARGE"}


def missing_function(api):
    api.route("GET", "/", integration={"uri": lambda_uri("arn:aws:lambda:us-east-1:000000000000:function:nowhere")})


def unmapped_answer(api):
    api.route("GET", "/", integration={"type": "MOCK", "requestTemplates": {"application/json": '{"statusCode": 200}'}})


def unmapped_media_type(api):
    api.route("GET", "/", integration={"type": "MOCK", "passthroughBehavior": "NEVER"})


def unknown_route(api):
    api.route("POST", "/", integration={"type": "MOCK"})


def without_key(api):
    api.route("GET", "/", integration={"type": "MOCK"}, apiKeyRequired=True)


def slow(function):
    return lambda api: api.route("GET", "/", function, {"timeoutInMillis": 100})


@pytest.mark.parametrize(
    ("kind", "status", "build"),
    [
        ("INTEGRATION_FAILURE", 502, missing_function),
        ("API_CONFIGURATION_ERROR", 500, unmapped_answer),
        ("UNSUPPORTED_MEDIA_TYPE", 415, unmapped_media_type),
        ("MISSING_AUTHENTICATION_TOKEN", 403, unknown_route),
        ("INVALID_API_KEY", 403, without_key),
        ("INTEGRATION_TIMEOUT", 504, None),
    ],
)
@pytest.mark.parametrize("declared", ["itself", "default"])
def test_each_kind_is_shaped_by_its_own_or_the_default_response(rest_api, deploy, kind, status, build, declared):
    api = rest_api()
    build = build or slow(deploy("import time\ndef handler(event, context): time.sleep(5)"))
    build(api)
    declare(api, kind if declared == "itself" else "DEFAULT_4XX" if status < 500 else "DEFAULT_5XX")
    api.deploy()

    answer = api.get("/")

    assert (answer.status_code, answer.json()["code"]) == (status, kind)


@pytest.mark.parametrize(
    ("kind", "status", "source"),
    [
        ("UNAUTHORIZED", 401, "raise Exception('Unauthorized')"),
        ("AUTHORIZER_FAILURE", 500, "raise Exception('else')"),
        ("AUTHORIZER_CONFIGURATION_ERROR", 500, "return {}"),
        (
            "ACCESS_DENIED",
            403,
            "return {'policyDocument': {'Statement': {'Effect': 'Deny', 'Action': '*', 'Resource': '*'}}}",
        ),
    ],
)
def test_each_kind_of_an_authorizer_is_shaped(rest_api, deploy, kind, status, source):
    api = rest_api()
    authorizer = api.client.create_authorizer(
        restApiId=api.id,
        name="guard",
        type="REQUEST",
        authorizerUri=lambda_uri(deploy(f"def handler(event, context): {source}").arn),
        authorizerResultTtlInSeconds=0,
    )
    api.route("GET", "/", integration={"type": "MOCK"}, authorizationType="CUSTOM", authorizerId=authorizer["id"])
    declare(api, kind)
    api.deploy()

    answer = api.get("/")

    assert (answer.status_code, answer.json()["code"]) == (status, kind)


def test_looking_at_the_responses_changes_none(rest_api):
    api = rest_api()
    api.route("GET", "/", integration={"uri": lambda_uri("arn:aws:lambda:us-east-1:000000000000:function:nowhere")})
    api.deploy()
    told = {each["responseType"]: each for each in api.client.get_gateway_responses(restApiId=api.id)["items"]}
    api.client.get_gateway_response(restApiId=api.id, responseType="INTEGRATION_FAILURE")

    assert told["INTEGRATION_FAILURE"]["statusCode"] == "504"
    assert api.get("/").status_code == 502
