"""What every request goes through, on a resolver with routes of the test's own."""

import base64
from typing import Annotated, Any

import pytest
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.openapi.params import Path
from botocore.exceptions import ClientError
from pydantic import Field

from common.dynamodb import BusyError
from common.http import BEARER, Customer
from common.http.middleware import MAX_BODY_BYTES
from common.model import Model, RequestModel
from common.paging import DEFAULT_LIMIT, Limit
from tests.unit.functions.factories import Context, answer, api_event, bearer, details


class Thing(RequestModel):
    """A body."""

    thing_name: Annotated[str, Field(max_length=10)]
    parts: list[int] = Field(default_factory=list)


class Echo(Model):
    """An answer."""

    text: str


@pytest.fixture
def routes(app: APIGatewayRestResolver) -> APIGatewayRestResolver:
    """One route of every kind."""

    @app.post("/things")
    def create(body: Thing) -> Echo:
        return Echo(text=body.thing_name)

    @app.post("/own", security=BEARER)
    def own(body: Thing, customer: Customer) -> Echo:
        return Echo(text=customer.user_id)

    @app.get("/things")
    def many(limit: Limit = DEFAULT_LIMIT) -> Echo:
        return Echo(text=str(limit))

    @app.get("/things/<thing_id>")
    def one(thing_id: Annotated[str, Path(max_length=64)]) -> Echo:
        return Echo(text=thing_id)

    @app.get("/broken")
    def broken() -> Echo:
        raise RuntimeError("the password is hunter2")

    @app.get("/busy")
    def busy() -> Echo:
        raise BusyError("TransactionConflict")

    @app.get("/refused/<code>")
    def refused(code: Annotated[str, Path()]) -> Echo:
        raise ClientError({"Error": {"Code": code, "Message": "hunter2"}}, "GetItem")

    @app.get("/wrong")
    def wrong() -> Echo:
        return {"nothing": "of it"}  # type: ignore[return-value]

    return app


def call(app: APIGatewayRestResolver, *args: Any, **kwargs: Any) -> dict[str, Any]:
    """Send one request."""
    return app.resolve(api_event(*args, **kwargs), Context())


def correlation_id(response: dict[str, Any]) -> str:
    """The id that the answer carries."""
    (value,) = response["multiValueHeaders"]["X-Correlation-Id"]
    assert isinstance(value, str)
    return value


def test_correlation_id_is_echoed(routes: APIGatewayRestResolver) -> None:
    response = call(routes, "GET", "/things/a", headers={"x-correlation-id": "A.b_c-1"})
    assert correlation_id(response) == "A.b_c-1"


def test_correlation_id_is_made_when_absent(routes: APIGatewayRestResolver) -> None:
    first, second = (correlation_id(call(routes, "GET", "/things/a")) for _ in range(2))
    assert first != second
    assert len(first) == 36


@pytest.mark.parametrize("value", ["", "a" * 65, "a b", "ü", "a\n", "a/b"])
def test_correlation_id_that_is_not_allowed_is_400(routes: APIGatewayRestResolver, value: str) -> None:
    response = call(routes, "GET", "/things/a", headers={"X-Correlation-Id": value})
    assert "X-Correlation-Id" in details(response)
    assert correlation_id(response) != value


def test_correlation_id_comes_with_errors_too(routes: APIGatewayRestResolver) -> None:
    for path in ("/nowhere", "/broken", "/things/" + "a" * 65):
        assert correlation_id(call(routes, "GET", path, headers={"X-Correlation-Id": "c1"})) == "c1"


def test_unknown_route_is_404(routes: APIGatewayRestResolver) -> None:
    for method, path in (("GET", "/nowhere"), ("GET", "/things/a/b")):
        status, body = answer(call(routes, method, path))
        assert (status, body["error"]["code"], body["error"]["details"]) == (404, "NOT_FOUND", [])


@pytest.mark.parametrize(("path", "methods"), [("/things", "GET, POST"), ("/things/x", "GET")])
def test_other_method_of_a_known_path_is_405_naming_those_it_takes(
    routes: APIGatewayRestResolver, path: str, methods: str
) -> None:
    response = call(routes, "PATCH", path)
    assert answer(response)[0] == 405
    assert answer(response)[1]["error"]["code"] == "METHOD_NOT_ALLOWED"
    assert response["multiValueHeaders"]["Allow"] == [methods]


def test_path_id_over_64_characters_is_404(routes: APIGatewayRestResolver) -> None:
    assert answer(call(routes, "GET", "/things/" + "a" * 64))[0] == 200
    assert answer(call(routes, "GET", "/things/" + "a" * 65))[0] == 404


def test_unexpected_error_is_500_and_says_nothing(routes: APIGatewayRestResolver) -> None:
    response = call(routes, "GET", "/broken")
    assert answer(response)[0] == 500
    assert answer(response)[1]["error"]["code"] == "INTERNAL_ERROR"
    assert "hunter2" not in response["body"]


@pytest.mark.parametrize("path", ["/busy", "/refused/ProvisionedThroughputExceededException"])
def test_dynamodb_that_stays_busy_is_503_and_its_reason_in_the_log(
    routes: APIGatewayRestResolver, path: str, log_lines: list[dict[str, Any]]
) -> None:
    response = call(routes, "GET", path)
    assert (answer(response)[0], answer(response)[1]["error"]["code"]) == (503, "SERVICE_UNAVAILABLE")
    assert response["multiValueHeaders"]["Retry-After"] == ["1"]
    assert "hunter2" not in response["body"]
    assert log_lines[0]["exception"]


def test_other_refusal_of_aws_is_500(routes: APIGatewayRestResolver) -> None:
    response = call(routes, "GET", "/refused/AccessDeniedException")
    assert (answer(response)[0], answer(response)[1]["error"]["code"]) == (500, "INTERNAL_ERROR")
    assert "hunter2" not in response["body"]


def test_answer_that_is_not_what_the_route_promises_is_500(routes: APIGatewayRestResolver) -> None:
    assert answer(call(routes, "GET", "/wrong"))[0] == 500


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ("{", "body"),
        ("  ", "body"),
        ("", "body"),
        ("null", "body"),
        ("[]", "body"),
        ('[{"thingName": "x"}]', "body"),
        ('"text"', "body"),
        ('{"thingName": NaN}', "body"),
        ("[" * 100_000, "body"),
        ('{"parts": [' + "1" * 5000 + "]}", "body"),
        ("{}", "thingName"),
        ('{"thing_name": "x"}', "thingName"),
        ('{"thingName": 1}', "thingName"),
        ('{"thingName": null}', "thingName"),
        ('{"thingName": "\\ud800"}', "thingName"),
        ('{"thingName": "01234567890"}', "thingName"),
        ('{"thingName": "x", "parts": [1, "y"]}', "parts.1"),
    ],
)
def test_bad_body_is_400_naming_the_field(routes: APIGatewayRestResolver, body: str, field: str) -> None:
    assert field in details(call(routes, "POST", "/things", raw_body=body))


def test_unknown_fields_are_ignored(routes: APIGatewayRestResolver) -> None:
    body = {"thingName": "ü", "more": [{"\ud800": None}]}
    assert answer(call(routes, "POST", "/things", body)) == (200, {"text": "ü"})


def test_errors_are_at_most_twenty(routes: APIGatewayRestResolver) -> None:
    response = call(routes, "POST", "/things", {"thingName": "x", "parts": ["y"] * 500})
    assert len(details(response)) == 20


def test_body_over_the_limit_is_413(routes: APIGatewayRestResolver) -> None:
    def padded(size: int) -> str:
        head = '{"thingName": "x", "padding": "'
        return head + "a" * (size - len(head) - 2) + '"}'

    assert answer(call(routes, "POST", "/things", raw_body=padded(MAX_BODY_BYTES)))[0] == 200
    status, body = answer(call(routes, "POST", "/things", raw_body=padded(MAX_BODY_BYTES + 1)))
    assert (status, body["error"]["code"]) == (413, "PAYLOAD_TOO_LARGE")
    assert answer(call(routes, "POST", "/things", raw_body="é" * (MAX_BODY_BYTES // 2 + 1)))[0] == 413


def test_base64_body_is_decoded(routes: APIGatewayRestResolver) -> None:
    event = api_event("POST", "/things", raw_body=base64.b64encode(b'{"thingName": "x"}').decode(), headers={})
    event["isBase64Encoded"] = True
    assert routes.resolve(event, Context())["statusCode"] == 200
    for body in ("***", base64.b64encode(b"\xff\xfe").decode()):
        event["body"] = body
        assert "body" in details(routes.resolve(event, Context()))


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data", "application/x-www-form-urlencoded"])
def test_body_of_another_type_is_400(routes: APIGatewayRestResolver, kind: str) -> None:
    response = call(routes, "POST", "/things", raw_body="a=b", headers={"Content-Type": kind})
    assert "Content-Type" in details(response)


def test_json_with_a_charset_is_taken(routes: APIGatewayRestResolver) -> None:
    headers = {"content-type": "application/json; charset=utf-8"}
    event = api_event("POST", "/things", {"thingName": "x"}, headers=headers)
    del event["headers"]["Content-Type"]
    del event["multiValueHeaders"]["Content-Type"]
    assert routes.resolve(event, Context())["statusCode"] == 200


def test_secured_route_without_token_is_401_before_anything_else(routes: APIGatewayRestResolver) -> None:
    assert answer(call(routes, "POST", "/own", raw_body="{"))[0] == 401
    assert answer(call(routes, "POST", "/own", {"thingName": "x"}, headers=bearer())) == (
        200,
        {"text": "alice"},
    )


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer x.y.z", "Bearer ü", "Bearer \ud800"])
def test_malformed_authorization_is_401(routes: APIGatewayRestResolver, header: str) -> None:
    response = call(routes, "POST", "/own", {"thingName": "x"}, headers={"Authorization": header})
    assert answer(response)[0] == 401


def test_deleted_user_is_401_at_once(routes: APIGatewayRestResolver, deleted: set[str]) -> None:
    headers = bearer()
    assert answer(call(routes, "POST", "/own", {"thingName": "x"}, headers=headers))[0] == 200
    deleted.add("alice")
    assert answer(call(routes, "POST", "/own", {"thingName": "x"}, headers=headers))[0] == 401


@pytest.mark.parametrize("limit", ["0", "101", "-1", "1.0", "1_0", " 5", "", "x", "٣", "9" * 5000])
def test_limit_outside_1_to_100_is_400(routes: APIGatewayRestResolver, limit: str) -> None:
    assert "limit" in details(call(routes, "GET", "/things", query={"limit": limit}))


@pytest.mark.parametrize(("query", "limit"), [(None, "20"), ({"limit": "1"}, "1"), ({"limit": "100"}, "100")])
def test_limit_default_and_bounds(routes: APIGatewayRestResolver, query: dict[str, str], limit: str) -> None:
    assert answer(call(routes, "GET", "/things", query=query)) == (200, {"text": limit})


def test_repeated_limit_is_400(routes: APIGatewayRestResolver) -> None:
    event = api_event("GET", "/things", query={"limit": "2"})
    event["multiValueQueryStringParameters"] = {"limit": ["1", "2"]}
    assert "limit" in details(routes.resolve(event, Context()))


def test_every_log_line_of_a_request_has_its_correlation_id(
    routes: APIGatewayRestResolver, log_lines: list[dict[str, Any]]
) -> None:
    call(routes, "GET", "/broken", headers={"X-Correlation-Id": "c-7"})
    assert [line["message"] for line in log_lines] == ["unexpected error", "request refused"]
    assert {line["correlation_id"] for line in log_lines} == {"c-7"}
