"""A REST API changed in place, again and again."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from bootstrap import policies
from bootstrap.clients import Clients
from bootstrap.context import Outcome
from bootstrap.deploy import deploy
from bootstrap.package import Artifacts
from bootstrap.references import Kind, Ref
from bootstrap.resources import Queue, Role, Stack, Statement
from bootstrap.rest_api import (
    AwsIntegration,
    GatewayResponse,
    IntegrationResponse,
    LambdaAuthorizer,
    Model,
    RestApi,
    Route,
)

USERS = Ref(Kind.FUNCTION, "users")
GUARD = LambdaAuthorizer("guard", Ref(Kind.FUNCTION, "authorizer"))
SCHEMA = {"$schema": "http://json-schema.org/draft-04/schema#", "type": "object", "required": ["a"]}
TEMPLATE = "Action=SendMessage&MessageBody=$util.urlEncode($input.body)"


@pytest.fixture
def stack_of(aws: Any) -> Iterator[Any]:
    """A stack with a queue, a role and an API of one's own, deleted after the test; arguments are the API's."""
    name = f"t{uuid.uuid4().hex[:10]}"
    queue = Queue(name)
    role = Role(name, (Statement(("sqs:SendMessage",), (queue.ref.arn(),)),), "apigateway.amazonaws.com")
    responses = (IntegrationResponse(202, '{"id": "$context.requestId"}', r"2\d\d"), IntegrationResponse(503, "{}"))
    send = AwsIntegration(
        "sqs",
        queue.ref,
        "path/{account}/{name}",
        role.ref,
        {"application/json": TEMPLATE},
        responses,
        {"integration.request.header.Content-Type": "'application/x-www-form-urlencoded'"},
    )
    routes = (
        Route("/things", USERS),
        Route("/things", send, "POST", request_model="Thing"),
        Route("/things/{thingId}", USERS, "GET", "guard"),
    )
    rich = RestApi(
        name,
        "dev",
        routes,
        (GatewayResponse("MISSING_AUTHENTICATION_TOKEN", '{"none": true}', 404),),
        (GUARD,),
        (Model("Thing", SCHEMA),),
    )
    yield lambda **changes: Stack("test", (queue, role, replace(rich, **changes)))
    aws("apigateway").delete_rest_api(restApiId=name)
    aws("sqs").delete_queue(QueueUrl=aws("sqs").get_queue_url(QueueName=name)["QueueUrl"])
    aws("iam").delete_role_policy(RoleName=name, PolicyName=policies.NAME)
    aws("iam").delete_role(RoleName=name)


@pytest.fixture
def ship(stack: Any) -> Any:
    """Deploy; what became of the API."""
    clients = Clients(stack.endpoint)

    def ship(declared: Stack) -> Outcome:
        report = deploy(clients, declared, Artifacts({}, {}))
        [outcome] = [what for ref, what in report.outcomes if ref.kind is Kind.REST_API]
        return outcome

    return ship


@pytest.fixture
def call(stack: Any, anonymous: Any) -> Any:
    """Send a request to the API of a stack."""

    def call(declared: Stack, method: str, path: str, body: Any = None, **arguments: Any) -> Any:
        [api] = declared.of(RestApi)
        anonymous.api_url = f"{stack.endpoint}/_aws/execute-api/{api.name}/dev"
        return anonymous.call(method, path, body, **arguments)

    return call


def test_everything_declared_is_there_and_a_second_deployment_changes_nothing(
    stack_of: Any, ship: Any, call: Any
) -> None:
    first = stack_of()

    assert ship(first) is Outcome.CREATED

    sent = call(first, "POST", "/things", {"a": 1})
    assert (sent.status_code, list(sent.json())) == (202, ["id"])
    assert call(first, "POST", "/things", {"b": 1}).status_code == 400
    assert call(first, "PUT", "/things", {}).status_code == 404  # from the function behind ANY
    assert call(first, "GET", "/things/x").status_code == 401
    unknown = call(first, "GET", "/nothing")
    assert (unknown.status_code, unknown.json()) == (404, {"none": True})
    assert ship(first) is Outcome.UNCHANGED


def test_changes_are_made_in_place(stack_of: Any, ship: Any, call: Any) -> None:
    before = stack_of()
    [api] = before.of(RestApi)
    ship(before)

    after = stack_of(
        routes=(*api.routes[:2], replace(api.routes[2], path="/things/{name}", authorizer=None)),
        models=(Model("Thing", {**SCHEMA, "required": ["b"]}),),
        gateway_responses=(GatewayResponse("MISSING_AUTHENTICATION_TOKEN", '{"none": 1}', 410),),
        authorizers=(),
    )

    assert ship(after) is Outcome.UPDATED
    assert call(after, "POST", "/things", {"a": 1}).status_code == 400
    assert call(after, "POST", "/things", {"b": 1}).status_code == 202
    assert call(after, "GET", "/things/x").status_code == 404
    assert call(after, "GET", "/nothing").status_code == 410
    assert ship(after) is Outcome.UNCHANGED
    assert ship(before) is Outcome.UPDATED
    assert call(before, "GET", "/things/x").status_code == 401


def test_authorizer_is_changed_in_place(stack_of: Any, ship: Any, call: Any, aws: Any) -> None:
    before = stack_of()
    ship(before)
    [name] = [each.name for each in before.of(RestApi)]
    [known] = aws("apigateway").get_authorizers(restApiId=name)["items"]

    changed = replace(GUARD, identity_source="method.request.header.X-Token", result_ttl=7)
    assert ship(stack_of(authorizers=(changed,))) is Outcome.UPDATED

    [found] = aws("apigateway").get_authorizers(restApiId=name)["items"]
    assert (found["id"], found["identitySource"]) == (known["id"], "method.request.header.X-Token")
    assert found["authorizerResultTtlInSeconds"] == 7


def test_what_is_no_longer_declared_goes(stack_of: Any, ship: Any, aws: Any) -> None:
    ship(stack_of())

    less = stack_of(routes=(Route("/other", USERS),), gateway_responses=(), authorizers=(), models=())

    assert ship(less) is Outcome.UPDATED
    [api] = less.of(RestApi)
    client = aws("apigateway")
    assert {each["path"] for each in client.get_resources(restApiId=api.name)["items"]} == {"/", "/other"}
    assert client.get_authorizers(restApiId=api.name)["items"] == []
    assert client.get_request_validators(restApiId=api.name)["items"] == []
    assert {each["name"] for each in client.get_models(restApiId=api.name)["items"]} <= {"Empty", "Error"}
    responses = client.get_gateway_responses(restApiId=api.name)["items"]
    assert all(each["defaultResponse"] for each in responses)
    assert ship(less) is Outcome.UNCHANGED
