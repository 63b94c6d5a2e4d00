"""Lambda authorizers of REST APIs, enforced."""

import json

import pytest

from tests.engine.rest_api import RestApi, lambda_uri

CALLS = """
import json, os, tempfile
def count():
    # One environment serves a test's calls, which come one after the other: its memory counts them.
    count.calls = getattr(count, "calls", 0) + 1
    return count.calls
"""

BACKEND = """
import json
def handler(event, context):
    return {"statusCode": 200, "body": json.dumps(event["requestContext"].get("authorizer"))}
"""


def allowing(policy: str = "allow(event['methodArn'])", **output: str) -> str:
    """An authorizer that returns this policy; the number of its calls is in ``context.calls``."""
    context = output.pop("context", "{}")
    rest = "".join(f", {name!r}: {value}" for name, value in output.items())
    return (
        CALLS
        + f"""
def statement(effect, resource):
    return {{"Effect": effect, "Action": "execute-api:Invoke", "Resource": resource}}
def allow(*resources):
    return {{"Version": "2012-10-17", "Statement": [statement("Allow", each) for each in resources]}}
def handler(event, context):
    return {{"principalId": "someone", "policyDocument": {policy}, "context": {{"calls": count(), **{context}}}{rest}}}
"""
    )


@pytest.fixture
def guarded(rest_api, deploy):
    """A REST API with GET /orders, /orders/{id} and /users behind an authorizer; arguments are CreateAuthorizer's."""

    def create(source: str, kind: str = "TOKEN", variables: dict | None = None, **arguments) -> RestApi:
        api = rest_api()
        defaults = {"authorizerResultTtlInSeconds": 0}
        if kind == "TOKEN":
            defaults["identitySource"] = "method.request.header.Authorization"
        authorizer = api.client.create_authorizer(
            restApiId=api.id,
            name="guard",
            type=kind,
            authorizerUri=lambda_uri(deploy(source).arn),
            **(defaults | arguments),
        )
        backend = deploy(BACKEND)
        for path in ("/orders", "/orders/{id}", "/users"):
            api.route("GET", path, backend, authorizationType="CUSTOM", authorizerId=authorizer["id"])
        api.deploy()
        if variables:
            api.update_stage(*((f"/variables/{name}", value) for name, value in variables.items()))
        return api

    return create


def token(text: str = "secret") -> dict:
    return {"headers": {"Authorization": text}}


def test_allowed_request_carries_principal_and_context_as_text(guarded):
    api = guarded(allowing(context="{'text': 'x', 'number': 1.5, 'yes': True}"))

    answer = api.get("/orders", **token())

    authorizer = answer.json()
    assert isinstance(authorizer.pop("integrationLatency"), int)
    assert authorizer == {"principalId": "someone", "calls": "1", "text": "x", "number": "1.5", "yes": "true"}


def test_missing_token_is_401_without_a_call(guarded):
    api = guarded(allowing())

    answer = api.get("/orders")

    assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"})
    assert answer.headers["x-amzn-ErrorType"] == "UnauthorizedException"
    assert api.get("/orders", **token()).json()["calls"] == "1"


def test_token_that_does_not_match_the_expression_is_401_without_a_call(guarded):
    api = guarded(allowing(), identityValidationExpression="Bearer [a-z]+")

    assert api.get("/orders", **token("Bearer abc!")).status_code == 401
    assert api.get("/orders", **token("Bearer abc")).json()["calls"] == "1"


def test_authorizer_that_says_unauthorized_is_401(guarded):
    api = guarded("def handler(event, context): raise Exception('Unauthorized')")

    answer = api.get("/orders", **token())

    assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"})


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ("allow('arn:aws:execute-api:*:*:other/*')", "User is not authorized to access this resource"),
        (
            "{'Statement': [statement('Allow', '*'), statement('Deny', '*/GET/orders')]}",
            "User is not authorized to access this resource with an explicit deny",
        ),
    ],
)
def test_policy_that_does_not_allow_is_403(guarded, policy, words):
    answer = guarded(allowing(policy)).get("/orders", **token())

    assert (answer.status_code, answer.json()) == (403, {"Message": words})
    assert answer.headers["x-amzn-ErrorType"] == "AccessDeniedException"


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("def handler(event, context): raise KeyError('of its own')", "AuthorizerFailureException"),
        ("def handler(event, context): return None", "AuthorizerConfigurationException"),
        ("def handler(event, context): return {'principalId': 'x'}", "AuthorizerConfigurationException"),
        (allowing("{'Statement': [{'Effect': 'allow'}]}"), "AuthorizerConfigurationException"),
        (allowing("{'Statement': 'text'}"), "AuthorizerConfigurationException"),
        (allowing(context="{'list': []}"), "AuthorizerConfigurationException"),
    ],
)
def test_authorizer_that_fails_is_500(guarded, source, kind):
    answer = guarded(source).get("/orders", **token())

    assert (answer.status_code, answer.json()) == (500, {"message": None})
    assert answer.headers["x-amzn-ErrorType"] == kind


def test_authorizer_without_function_is_500(guarded, aws):
    api = guarded(allowing())
    authorizer = api.client.get_authorizers(restApiId=api.id)["items"][0]
    missing = lambda_uri("arn:aws:lambda:us-east-1:000000000000:function:nowhere")
    api.client.update_authorizer(
        restApiId=api.id,
        authorizerId=authorizer["id"],
        patchOperations=[{"op": "replace", "path": "/authorizerUri", "value": missing}],
    )
    api.deploy()

    answer = api.get("/orders", **token())

    assert (answer.status_code, answer.headers["x-amzn-ErrorType"]) == (500, "AuthorizerConfigurationException")


def test_token_authorizer_gets_token_and_method_arn(guarded):
    source = """
    def handler(event, context):
        return {"policyDocument": {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]},
                "context": {name: str(value) for name, value in event.items()}}
    """
    api = guarded(source)

    event = api.get("/orders/42%2F7", **token("Bearer abc")).json()

    assert (event["type"], event["authorizationToken"]) == ("TOKEN", "Bearer abc")
    assert event["methodArn"] == f"arn:aws:execute-api:us-east-1:000000000000:{api.id}/dev/GET/orders/42%2F7"


def test_request_authorizer_gets_the_request(guarded):
    source = """
    import json
    def handler(event, context):
        return {"policyDocument": {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]},
                "context": {"event": json.dumps(event)}}
    """
    api = guarded(source, "REQUEST", variables={"colour": "red"})

    answer = api.get("/orders/7?a=1&a=2", headers={"X-Some": "thing"})

    event = json.loads(answer.json()["event"])
    assert (event["type"], event["resource"], event["path"], event["httpMethod"]) == (
        "REQUEST",
        "/orders/{id}",
        "/orders/7",
        "GET",
    )
    assert (event["headers"]["X-Some"], event["multiValueHeaders"]["X-Some"]) == ("thing", ["thing"])
    assert (event["queryStringParameters"], event["multiValueQueryStringParameters"]) == ({"a": "2"}, {"a": ["1", "2"]})
    assert (event["pathParameters"], event["stageVariables"]) == ({"id": "7"}, {"colour": "red"})
    assert event["requestContext"]["resourcePath"] == "/orders/{id}"


@pytest.mark.parametrize("missing", ["query", "header", "variable"])
def test_request_authorizer_without_an_identity_source_is_401(guarded, missing):
    sources = "method.request.header.X-Id, method.request.querystring.q, stageVariables.colour, context.httpMethod"
    variables = {"other": "x"} if missing == "variable" else {"colour": "red"}
    api = guarded(allowing(), "REQUEST", variables=variables, identitySource=sources)

    headers = {} if missing == "header" else {"x-id": "1"}
    answer = api.get("/orders?q=" if missing == "query" else "/orders?q=1", headers=headers)

    assert answer.status_code == 401


def test_request_authorizer_with_all_identity_sources_is_asked(guarded):
    sources = "method.request.header.X-Id, method.request.querystring.q, stageVariables.colour, context.httpMethod"
    api = guarded(allowing(), "REQUEST", variables={"colour": "red"}, identitySource=sources)

    assert api.get("/orders?q=1", headers={"X-Id": "1"}).status_code == 200


def test_cached_result_is_used_for_the_same_identity_only(guarded):
    api = guarded(allowing("allow('*')"), authorizerResultTtlInSeconds=60)

    calls = [api.get("/orders", **token(each)).json()["calls"] for each in ("a", "a", "b", "a")]

    assert calls == ["1", "1", "2", "1"]


def test_cached_policy_is_evaluated_for_each_method(guarded):
    api = guarded(allowing(), authorizerResultTtlInSeconds=60)

    assert api.get("/orders", **token()).status_code == 200
    assert api.get("/users", **token()).status_code == 403
    assert api.get("/orders", **token()).json()["calls"] == "1"


def test_zero_ttl_asks_each_time(guarded):
    api = guarded(allowing(), authorizerResultTtlInSeconds=0)

    assert [api.get("/orders", **token()).json()["calls"] for _ in range(3)] == ["1", "2", "3"]


def test_flush_and_deployment_empty_the_cache(guarded):
    api = guarded(allowing("allow('*')"), authorizerResultTtlInSeconds=3600)
    calls = [api.get("/orders", **token()).json()["calls"]]

    api.client.flush_stage_authorizers_cache(restApiId=api.id, stageName="dev")
    calls.append(api.get("/orders", **token()).json()["calls"])
    api.deploy()
    calls.append(api.get("/orders", **token()).json()["calls"])

    assert calls == ["1", "2", "3"]


def test_usage_identifier_key_is_the_api_key(rest_api, deploy):
    api = rest_api(apiKeySource="AUTHORIZER")
    authorizer = api.client.create_authorizer(
        restApiId=api.id,
        name="guard",
        type="TOKEN",
        identitySource="method.request.header.Authorization",
        authorizerUri=lambda_uri(deploy(allowing(usageIdentifierKey="event['authorizationToken']")).arn),
        authorizerResultTtlInSeconds=0,
    )
    api.route(
        "GET", "/", deploy(BACKEND), authorizationType="CUSTOM", authorizerId=authorizer["id"], apiKeyRequired=True
    )
    api.deploy()

    assert api.get("/", **token(api.key())).status_code == 200
    assert api.get("/", **token("unknown")).status_code == 403
