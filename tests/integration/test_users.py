"""A customer's own account: read, changed, deleted."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.integration.conftest import Customer

PASSWORD = "a-long-password"


def _address() -> str:
    return f"{uuid.uuid4().hex[:12]}@example.com"


def _log_in(someone: Customer, email: str) -> Any:
    return someone.call("POST", "/users/login", {"email": email, "password": PASSWORD})


@pytest.fixture
def path(register: Any, anonymous: Customer) -> Any:
    """Where a customer's profile is."""

    def of(someone: Customer) -> str:
        return f"/users/{_log_in(anonymous, someone.email).json()['userId']}"

    return of


def test_profile_is_read_and_changed(register: Any, path: Any) -> None:
    alice = register()
    own = path(alice)
    profile = {"userId": own.removeprefix("/users/"), "email": alice.email, "name": "Test"}

    assert alice.call("GET", own).json() == profile
    changed = alice.call("PATCH", own, {"name": "Alice"})
    assert (changed.status_code, changed.json()) == (200, profile | {"name": "Alice"})
    assert alice.call("GET", own).json() == profile | {"name": "Alice"}
    for bad in ({}, {"email": "x"}, {"name": ""}, {"email": None}):
        assert alice.call("PATCH", own, bad).status_code == 400


def test_somebody_elses_profile_looks_like_none(register: Any, path: Any, admin: Customer) -> None:
    alice, bob = register(), register()

    for someone in (bob, admin):
        for method in ("GET", "PATCH", "DELETE"):
            answers = [someone.call(method, where, {"name": "Eve"}) for where in (path(alice), "/users/nobody")]
            assert [answer.status_code for answer in answers] == [404, 404]
            assert answers[0].json() == answers[1].json()
    assert alice.call("GET", path(alice)).json()["name"] == "Test"


def test_new_address_is_the_one_to_sign_in_with(register: Any, path: Any, anonymous: Customer) -> None:
    alice, bob = register(), register()
    old, new, own = alice.email, _address(), path(alice)

    assert alice.call("PATCH", own, {"email": bob.email.upper()}).status_code == 409
    assert alice.call("PATCH", own, {"email": new.upper()}).json()["email"] == new

    assert _log_in(anonymous, old).status_code == 401
    assert f"/users/{_log_in(anonymous, new).json()['userId']}" == own
    again = {"email": old, "password": PASSWORD, "name": "Next"}
    assert anonymous.call("POST", "/users", again).status_code == 201
    assert alice.call("PATCH", own, {"email": old}).status_code == 409


def test_address_wanted_by_many_is_given_to_one(register: Any, path: Any, anonymous: Customer, aws: Any) -> None:
    wanted = _address()
    customers = [register() for _ in range(6)]
    paths = [path(someone) for someone in customers]

    def take(someone: Customer, own: str) -> int:
        return someone.call("PATCH", own, {"email": wanted}).status_code

    with ThreadPoolExecutor(len(customers)) as pool:
        statuses = sorted(pool.map(take, customers, paths))

    assert statuses == [200, 409, 409, 409, 409, 409]
    assert _log_in(anonymous, wanted).status_code == 200
    for someone, own in zip(customers, paths, strict=True):
        email = someone.call("GET", own).json()["email"]
        owner = aws("dynamodb").get_item(
            TableName="users", Key={"userId": {"S": f"email#{email}"}}, ConsistentRead=True
        )["Item"]["ownerId"]["S"]
        assert own == f"/users/{owner}"
        assert email in (someone.email, wanted)


def test_deleted_account_is_gone_at_once_and_its_address_is_free(
    register: Any, path: Any, anonymous: Customer, invoke: Any
) -> None:
    alice = register()
    own = path(alice)
    assert alice.call("GET", "/orders").status_code == 200  # API Gateway remembers the token

    deleted = alice.call("DELETE", own)

    assert (deleted.status_code, deleted.content) == (204, b"")
    header = {"Authorization": alice._session.headers["Authorization"]}
    for method, route in (("GET", own), ("PATCH", own), ("DELETE", own), ("GET", "/orders"), ("POST", "/orders")):
        assert alice.call(method, route, {}).status_code == 401, (method, route)
    for function, route in (("users", own), ("orders", "/orders"), ("payments", "/orders/x/payments")):
        assert invoke(function, "GET", route, header)["statusCode"] == 401, function
    assert invoke("products", "POST", "/products", header)["statusCode"] == 401
    assert _log_in(anonymous, alice.email).status_code == 401
    again = {"email": alice.email, "password": PASSWORD, "name": "Again"}
    assert anonymous.call("POST", "/users", again).status_code == 201
    assert f"/users/{_log_in(anonymous, alice.email).json()['userId']}" != own


def test_account_deleted_many_times_at_once_is_deleted_once(register: Any, path: Any) -> None:
    alice = register()
    own = path(alice)

    with ThreadPoolExecutor(5) as pool:
        statuses = [answer.status_code for answer in pool.map(lambda _: alice.call("DELETE", own), range(5))]

    assert statuses.count(204) == 1
    assert set(statuses) <= {204, 401, 404}
