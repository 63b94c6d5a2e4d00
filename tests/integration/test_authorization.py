"""Who may call what: at API Gateway, and in the services themselves."""

import base64
import json
import time
import uuid
from collections.abc import Callable
from typing import Any

import jwt
import pytest

from tests.integration.conftest import Customer, figures

# One route of each kind of path; with a token each answers something else than 401.
GUARDED = [
    ("GET", "/cart"),
    ("PUT", "/cart/items/x"),
    ("POST", "/cart/checkout"),
    ("GET", "/orders"),
    ("POST", "/orders"),
    ("GET", "/orders/x"),
    ("GET", "/orders/x/payments"),
    ("POST", "/products"),
    ("PUT", "/products/x"),
    ("DELETE", "/products/x"),
    ("GET", "/users/x"),
]


@pytest.fixture(scope="session")
def key(aws: Any, stack: Any) -> str:
    """What tokens are signed with."""
    secret: str = aws("secretsmanager").get_secret_value(SecretId="shop/jwt")["SecretString"]
    return secret


@pytest.fixture
def sign(key: str) -> Callable[..., str]:
    """A good token of a user of its own, but for `claims`; `algorithm` and `key` make it a bad one."""

    def make(algorithm: str = "HS256", with_key: str = key, **claims: Any) -> str:
        user = f"user-{uuid.uuid4().hex}"
        good = {"iss": "shop", "sub": user, "email": f"{user}@example.com", "role": "admin", "exp": time.time() + 60}
        return jwt.encode(good | claims, with_key, algorithm=algorithm)

    return make


def _unsigned(token: str) -> str:
    """The token's claims under `alg: none`."""
    head = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": "JWT"}).encode()).rstrip(b"=").decode()
    return f"{head}.{token.split('.')[1]}."


BAD: dict[str, Callable[[Callable[..., str]], str | None]] = {
    "no header": lambda _: None,
    "empty": lambda _: "",
    "no token": lambda _: "Bearer",
    "no scheme": lambda sign: sign(),
    "another scheme": lambda sign: f"Basic {sign()}",
    "no JWT": lambda _: "Bearer x",
    "expired": lambda sign: f"Bearer {sign(exp=time.time() - 1)}",
    "unsigned": lambda sign: f"Bearer {_unsigned(sign())}",
    "another key": lambda sign: f"Bearer {sign(with_key='6f' * 32)}",
    "another algorithm": lambda sign: f"Bearer {sign('HS512')}",
    "another issuer": lambda sign: f"Bearer {sign(iss='other')}",
}


# In words that no service uses.
API_GATEWAYS = {
    "error": {
        "code": "UNAUTHORIZED",
        "message": "The header Authorization must be: Bearer <token>, with a valid token: sign in.",
        "details": [],
    }
}


def _figures(stack: Any) -> dict[str, int]:
    """Invocations by function."""
    return {name: found["invocations"] for name, found in figures(stack.endpoint).items()}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_bad_token_is_401_at_api_gateway_and_reaches_no_service(
    bad: Callable[[Callable[..., str]], str | None], sign: Callable[..., str], anonymous: Customer, stack: Any
) -> None:
    header = bad(sign)
    before = _figures(stack)

    for method, path in GUARDED:
        answer = anonymous.call(method, path, {}, headers={} if header is None else {"Authorization": header})

        assert answer.status_code == 401, (method, path, answer.text)
        assert answer.json() == API_GATEWAYS
    after = _figures(stack)
    # Those that nothing else calls: queues and schedules may invoke the others meanwhile.
    assert [after[name] - before[name] for name in ("products", "users")] == [0] * 2


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
@pytest.mark.parametrize(
    ("function", "path"), [("cart", "/cart/checkout"), ("orders", "/orders"), ("products", "/products")]
)
def test_bad_token_is_401_in_the_service_without_api_gateway(
    bad: Callable[[Callable[..., str]], str | None], function: str, path: str, sign: Callable[..., str], invoke: Any
) -> None:
    header = bad(sign)

    answer = invoke(function, "POST", path, {} if header is None else {"Authorization": header})

    assert answer["statusCode"] == 401


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_good_token_passes_whatever_the_case_of_its_scheme(
    scheme: str, sign: Callable[..., str], anonymous: Customer
) -> None:
    answer = anonymous.call("GET", "/orders", headers={"Authorization": f"{scheme} {sign()}"})

    assert (answer.status_code, answer.json()["items"]) == (200, [])


def test_answer_of_the_authorizer_serves_all_routes_of_the_next_minutes(
    sign: Callable[..., str], anonymous: Customer, stack: Any
) -> None:
    headers = {"Authorization": f"Bearer {sign()}"}
    before = _figures(stack)["authorizer"]

    answers = [anonymous.call(method, path, {}, headers=headers) for method, path in GUARDED * 3]

    assert {answer.status_code for answer in answers} <= {200, 400, 404}
    assert _figures(stack)["authorizer"] - before == 1


def test_open_routes_ask_no_authorizer(anonymous: Customer, stack: Any) -> None:
    before = _figures(stack)["authorizer"]
    headers = {"Authorization": "Bearer nonsense"}

    assert anonymous.call("GET", "/products", headers=headers).status_code == 200
    assert anonymous.call("GET", "/products/flash-1", headers=headers).status_code == 200
    assert anonymous.call("POST", "/users", {}, headers=headers).status_code == 400
    assert anonymous.call("POST", "/users/login", {}, headers=headers).status_code == 400
    assert _figures(stack)["authorizer"] == before


def test_deleted_user_is_refused_by_service_and_authorizer(
    sign: Callable[..., str], anonymous: Customer, aws: Any, invoke: Any
) -> None:
    user = uuid.uuid4().hex
    known, unknown = (f"Bearer {sign(sub=user, n=n)}" for n in range(2))
    assert anonymous.call("GET", "/orders", headers={"Authorization": known}).status_code == 200

    aws("dynamodb").put_item(TableName="deleted-users", Item={"userId": {"S": user}})

    # API Gateway remembers the one token, the service does not; of the other the authorizer says no itself.
    for header in (known, unknown):
        assert anonymous.call("GET", "/orders", headers={"Authorization": header}).status_code == 401
        assert invoke("orders", "GET", "/orders", {"Authorization": header})["statusCode"] == 401
    assert _asked(aws, known) == _asked(aws, unknown) == {"errorMessage": "Unauthorized", "errorType": "RefusedError"}


def _asked(aws: Any, header: str) -> dict[str, Any]:
    """What the authorizer says now."""
    arn = "arn:aws:execute-api:us-east-1:000000000000:shop/dev/GET/orders"
    event = {"type": "TOKEN", "methodArn": arn, "authorizationToken": header}
    answer = json.load(aws("lambda").invoke(FunctionName="authorizer", Payload=json.dumps(event))["Payload"])
    return {name: answer[name] for name in ("errorMessage", "errorType")}


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/"), ("GET", "/nowhere"), ("PUT", "/users/x/y"), ("GET", "/cartoons/x"), ("POST", "/x/y")],
)
def test_unknown_route_is_404_in_the_shops_shape(method: str, path: str, anonymous: Customer) -> None:
    answer = anonymous.call(method, path)

    assert answer.status_code == 404
    assert answer.json() == {"error": {"code": "NOT_FOUND", "message": "There is no such route.", "details": []}}


def test_customer_may_not_change_products(customer: Customer) -> None:
    for method, path in (("POST", "/products"), ("PUT", "/products/flash-1"), ("DELETE", "/products/flash-1")):
        answer = customer.call(method, path, {})

        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "FORBIDDEN")
