"""Orders through API Gateway into SQS, without a service's function in the request's path."""

import json
import uuid
from dataclasses import replace
from typing import Any

import pytest
import requests

from bootstrap.clients import Clients
from bootstrap.deploy import deploy
from bootstrap.package import Artifacts
from bootstrap.references import Kind, Ref
from bootstrap.resources import Stack
from bootstrap.rest_api import LambdaAuthorizer, RestApi, Route
from bootstrap.shop_api import SIGNED_IN_NOW
from bootstrap.shop_intake import SEND_TO_INTAKE
from tests.integration.conftest import Customer
from tests.waiting import until

pytestmark = pytest.mark.both_flows


def _order(product: str, quantity: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "items": [{"productId": product, "quantity": quantity}],
        "payment": {"method": "card", "token": "tok_ok"},
        **more,
    }


def _refused(answer: requests.Response, status: int = 400) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    error: dict[str, Any] = answer.json()["error"]
    assert set(error) == {"code", "message", "details"}
    assert error["message"]
    return error


@pytest.fixture
def stored(aws: Any) -> Any:
    """An order as it is stored."""

    def read(order_id: str) -> dict[str, Any]:
        answer = aws("dynamodb").get_item(TableName="orders", Key={"orderId": {"S": order_id}}, ConsistentRead=True)
        return {name: next(iter(value.values())) for name, value in answer["Item"].items()}

    return read


def _confirmed(customer: Customer, answer: requests.Response) -> dict[str, Any]:
    """The order of an answer, once it is confirmed."""
    assert answer.status_code == 202, answer.text
    [(name, order_id)] = answer.json().items()
    assert name == "messageId"

    def there() -> Any:
        found = customer.call("GET", f"/orders/{order_id}")
        return found.status_code == 200 and found.json()["status"] == "CONFIRMED" and found.json()

    order: dict[str, Any] = until(there)
    return order


def test_message_becomes_the_order_with_its_id(customer: Customer, product: Any, stock: Any, stack: Any) -> None:
    thing = product(10)

    order = _confirmed(customer, customer.call("POST", "/async/orders", _order(thing, 3)))

    assert order["items"] == [{"productId": thing, "quantity": 3, "priceCents": 999}]
    assert stock(thing) == 7
    listed = customer.call("GET", "/orders").json()["items"]
    assert order["orderId"] in [each["orderId"] for each in listed]


@pytest.mark.parametrize("header", ["X-Correlation-Id", "x-correlation-id"])
def test_correlation_id_goes_along(header: str, customer: Customer, product: Any, stored: Any) -> None:
    given = f"corr.{uuid.uuid4()}"

    order = _confirmed(customer, customer.call("POST", "/async/orders", _order(product(1)), headers={header: given}))

    assert stored(order["orderId"])["correlationId"] == given


@pytest.mark.parametrize("given", ["a b", "x" * 65, "é", "$context.authorizer.email", "a&b=c"])
def test_correlation_id_that_is_none_is_replaced(given: str, customer: Customer, product: Any, stored: Any) -> None:
    headers = {"X-Correlation-Id": given.encode("latin-1")}

    order = _confirmed(customer, customer.call("POST", "/async/orders", _order(product(1)), headers=headers))

    assert stored(order["orderId"])["correlationId"] == order["orderId"]


@pytest.mark.parametrize("method", ["a&b=c", "100 %", "a+b", "ünï 名 🙂", "$context.requestId", "#set($x = 1)", '"\\'])
def test_body_arrives_as_it_was_sent(method: str, customer: Customer, product: Any, stored: Any) -> None:
    body = _order(product(1)) | {"payment": {"method": method, "token": "tok_ok"}}

    order = _confirmed(customer, customer.call("POST", "/async/orders", body))

    assert stored(order["orderId"])["payment"]["method"] == {"S": method}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"items": []}, "/items"),
        ({"items": None}, "/items"),
        ({"items": [{"productId": f"p{n}", "quantity": 1} for n in range(101)]}, "/items"),
        ({"items": [{"quantity": 1}]}, "productId"),
        ({"items": [{"productId": "x" * 65, "quantity": 1}]}, "/items/0/productId"),
        ({"items": [{"productId": "", "quantity": 1}]}, "/items/0/productId"),
        ({"items": [{"productId": "\ud800", "quantity": 1}]}, "/items/0/productId"),
        ({"items": [{"productId": "x", "quantity": 0}]}, "/items/0/quantity"),
        ({"items": [{"productId": "x", "quantity": 10_001}]}, "/items/0/quantity"),
        ({"items": [{"productId": "x", "quantity": 1.5}]}, "/items/0/quantity"),
        ({"items": [{"productId": "x", "quantity": True}]}, "/items/0/quantity"),
        ({"items": [{"productId": "x", "quantity": "1"}]}, "/items/0/quantity"),
        ({"payment": None}, "/payment"),
        ({"payment": {"method": "card"}}, "token"),
        ({"payment": {"method": "", "token": "tok_ok"}}, "/payment/method"),
        ({"payment": {"method": "card", "token": "tok_free"}}, "/payment/token"),
    ],
)
def test_bad_order_is_400_naming_the_field(change: dict[str, Any], field: str, customer: Customer) -> None:
    error = _refused(customer.call("POST", "/async/orders", _order("product-001") | change))

    assert error["code"] == "INVALID_REQUEST"
    [detail] = error["details"]
    assert detail["field"] == "body"
    assert field in detail["message"]


BAD_BODIES = [b"", b"no json", b"[]", b"null", b'"text"', b"{", b"\xff\xfe", b"[" * 10_000]
BAD_BODIES += [json.dumps(_order("product-001", x=float("nan"))).encode()]
BAD_BODIES += [json.dumps(_order("product-001")).encode("utf-16")]


@pytest.mark.parametrize("body", BAD_BODIES)
def test_body_that_is_no_json_object_is_400(body: bytes, customer: Customer) -> None:
    headers = {"Content-Type": "application/json"}

    error = _refused(customer.call("POST", "/async/orders", data=body, headers=headers))

    assert [each["field"] for each in error["details"]] == ["body"]


def test_characters_that_sqs_does_not_take_are_400(customer: Customer) -> None:
    body = json.dumps(_order("product-001", note="\uffff"), ensure_ascii=False).encode()

    error = _refused(customer.call("POST", "/async/orders", data=body, headers={"Content-Type": "application/json"}))

    assert [each["field"] for each in error["details"]] == ["body"]


@pytest.mark.parametrize("size", [256 * 1024, 2_000_000, 5_500_000, 11_000_000])
def test_body_that_is_too_large_is_413(size: int, customer: Customer) -> None:
    error = _refused(customer.call("POST", "/async/orders", _order("product-001", padding="x" * size)), 413)

    assert error["code"] == "PAYLOAD_TOO_LARGE"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml"])
def test_body_of_another_type_is_400(kind: str, customer: Customer) -> None:
    body = json.dumps(_order("product-001"))

    error = _refused(customer.call("POST", "/async/orders", data=body, headers={"Content-Type": kind}))

    assert [each["field"] for each in error["details"]] == ["Content-Type"]


@pytest.mark.parametrize("kind", [None, "application/json; charset=utf-8", "Application/JSON"])
def test_json_is_taken_however_it_is_called(kind: str | None, customer: Customer, product: Any) -> None:
    headers = {"Content-Type": kind} if kind else {}

    _confirmed(
        customer, customer.call("POST", "/async/orders", data=json.dumps(_order(product(1))).encode(), headers=headers)
    )


def test_token_is_needed_and_counts_only_while_its_user_is_there(
    register: Any, anonymous: Customer, product: Any
) -> None:
    thing, alice = product(10), register()
    login = {"email": alice.email, "password": "a-long-password"}
    user = anonymous.call("POST", "/users/login", login).json()["userId"]

    _refused(anonymous.call("POST", "/async/orders", _order(thing)), 401)
    assert alice.call("POST", "/async/orders", _order(thing)).status_code == 202
    assert alice.call("DELETE", f"/users/{user}").status_code == 204
    _refused(alice.call("POST", "/async/orders", _order(thing)), 401)


@pytest.fixture
def door(stack: Any, aws: Any) -> Any:
    """The address of an API of its own with nothing but the intake, changed as the arguments say."""
    made: list[str] = []

    def build(authorizers: tuple[LambdaAuthorizer, ...], **changes: Any) -> str:
        name = f"t{uuid.uuid4().hex[:10]}"
        guard = authorizers[0].name if authorizers else None
        route = Route("/orders", replace(SEND_TO_INTAKE, **changes), "POST", guard)
        api = RestApi(name, "dev", (route,), authorizers=authorizers)
        made.append(name)
        deploy(Clients(stack.endpoint), Stack("test", (api,)), Artifacts({}, {}))
        return f"{stack.endpoint}/_aws/execute-api/{name}/dev"

    yield build
    for name in made:
        aws("apigateway").delete_rest_api(restApiId=name)


def test_queue_that_is_away_is_503(register: Any, door: Any) -> None:
    alice = register()
    alice.api_url = door((SIGNED_IN_NOW,), resource=Ref(Kind.QUEUE, "nowhere"))

    assert _refused(alice.call("POST", "/orders", _order("product-001")), 503)["code"] == "SERVICE_UNAVAILABLE"


def test_order_of_nobody_reaches_no_queue_where_no_authorizer_is_asked(register: Any, door: Any) -> None:
    alice = register()
    alice.api_url = door(())

    assert _refused(alice.call("POST", "/orders", _order("product-001")), 401)["code"] == "UNAUTHORIZED"
