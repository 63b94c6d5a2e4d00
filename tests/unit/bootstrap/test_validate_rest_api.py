"""Every kind of mistake in a REST API gives one line that names it and what to do."""

from dataclasses import replace
from pathlib import Path

import pytest

from bootstrap.resources import (
    Resource,
    Role,
    Statement,
)
from bootstrap.rest_api import (
    AwsIntegration,
    GatewayResponse,
    IntegrationResponse,
    LambdaAuthorizer,
    Model,
    RestApi,
    Route,
)
from bootstrap.validate import mistakes
from tests.unit.bootstrap.good_stack import (
    API,
    FUNCTION,
    QUEUE,
    ROLE,
    with_,
)

GUARD = LambdaAuthorizer("guard", FUNCTION.ref)
SCHEMA = Model("Task", {"$schema": "http://json-schema.org/draft-04/schema#", "type": "object"})
SENDER = Role("sender", (Statement(("sqs:SendMessage",), (QUEUE.ref.arn(),)),), "apigateway.amazonaws.com")
SEND = AwsIntegration(
    "sqs",
    QUEUE.ref,
    "path/{account}/{name}",
    SENDER.ref,
    {"application/json": "Action=SendMessage"},
    (IntegrationResponse(202, "{}", "2.."), IntegrationResponse(503, "{}")),
)
TASKS = Route("/tasks", SEND, "POST", "guard", "Task")
RICH = replace(API, routes=(*API.routes, TASKS), authorizers=(GUARD,), models=(SCHEMA,))
PROXY = Route("/tasks/{proxy+}", FUNCTION.ref)


def _sending(**changes: object) -> RestApi:
    return replace(RICH, routes=(PROXY, replace(TASKS, target=replace(SEND, **changes))))


def _guarded_by(**changes: object) -> RestApi:
    return replace(RICH, authorizers=(replace(GUARD, **changes),))


def _answering(*responses: GatewayResponse) -> RestApi:
    return replace(RICH, gateway_responses=responses)


def test_rest_api_with_all_its_words_has_no_mistakes(code: Path) -> None:
    response = GatewayResponse(
        "DEFAULT_4XX", '{"message": $context.error.messageString, "id": "$context.requestId"}', 400
    )
    assert mistakes(with_(replace(RICH, gateway_responses=(response,)), SENDER), code) == []


@pytest.mark.parametrize(
    ("changed", "mistake"),
    [
        (replace(RICH, authorizers=()), "a route names the authorizer guard, which the API does not have"),
        (replace(RICH, models=()), "a route names the model Task, which the API does not have"),
        (replace(RICH, routes=API.routes), "no route uses the authorizer guard"),
        (replace(RICH, routes=API.routes), "no route uses the model Task"),
        (replace(RICH, authorizers=(GUARD, GUARD)), "the authorizer guard is declared 2 times"),
        (replace(RICH, models=(SCHEMA, SCHEMA)), "the model Task is declared 2 times"),
        (
            replace(RICH, routes=(*RICH.routes, Route("/tasks/{taskId}", FUNCTION.ref))),
            "below /tasks AWS takes one variable part, not {proxy+}, {taskId}",
        ),
        (_guarded_by(name="a b"), "the authorizer a b' is not valid"),
        (_guarded_by(result_ttl=3601), "the authorizer guard keeps results for 3601 s: AWS takes 0 to 3600"),
        (_guarded_by(identity_source="Authorization"), "the identity source 'Authorization' is not valid"),
        (_guarded_by(identity_source="context.path"), "the identity source of a TOKEN authorizer is one header"),
        (_guarded_by(identity_validation_expression="["), "the authorizer guard: '[' is no regular expression"),
        (_guarded_by(type="REQUEST", identity_validation_expression="x"), "AWS validates tokens alone"),
        (_guarded_by(function=QUEUE.ref), "its function must be a function, and queue work is not"),
        (replace(RICH, models=(Model("Task", {"type": "object"}),)), 'the model Task must say "$schema"'),
        (replace(RICH, models=(replace(SCHEMA, name="a-b"),)), "the model name 'a-b' is not valid on AWS"),
        (_answering(GatewayResponse("TEAPOT", "{}")), "TEAPOT is no type of gateway response"),
        (_answering(GatewayResponse("DEFAULT_4XX", "{}", 99)), "the status 99 is not valid"),
        (_answering(GatewayResponse("DEFAULT_4XX", '{"m": $context.x}')), "the template of DEFAULT_4XX makes no JSON"),
        (_answering(*[GatewayResponse("DEFAULT_4XX", "{}")] * 2), "gateway response DEFAULT_4XX is declared 2 times"),
        (_sending(path="{queue}"), "POST /tasks: the service's path '{queue}' is not valid"),
        (_sending(method="ANY"), "the integration's method 'ANY' is not valid"),
        (_sending(request_templates={}), "without request templates it refuses every body"),
        (_sending(responses=SEND.responses[:1]), "has 0 responses without a selection pattern"),
        (_sending(responses=SEND.responses * 2), "the response 202 is declared 2 times"),
        (_sending(responses=(IntegrationResponse(0, ""),)), "the status 0 is not valid"),
        (
            _sending(responses=(*SEND.responses, IntegrationResponse(400, "", "("))),
            "the selection pattern '(' is no regular expression",
        ),
        (_sending(credentials=QUEUE.ref), "its integration's role must be a role, and queue work is not"),
        (replace(SENDER, service="lambda.amazonaws.com"), "role sender: API Gateway may not take it"),
        (replace(SENDER, statements=ROLE.statements[:0]), "role sender: may do nothing with queue work"),
    ],
)
def test_mistake_of_a_rest_api_gives_one_line(changed: Resource, mistake: str, code: Path) -> None:
    lines = mistakes(with_(RICH, *([] if isinstance(changed, Role) else [SENDER]), changed), code)
    assert len([line for line in lines if mistake in line]) == 1, lines


def test_authorizer_needs_a_permission_of_its_function(code: Path) -> None:
    guard = replace(FUNCTION, name="guard", handler="worker.handler.handler", dead_letters=None)
    api = replace(RICH, authorizers=(replace(GUARD, function=guard.ref),))
    assert mistakes(with_(api, SENDER, guard), code) == [
        "function guard: does not let rest api shop in: declare a permission with it as the source."
    ]
