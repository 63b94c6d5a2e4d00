"""The API of users, with the users in memory."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import jwt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.auth import Principal
from tests.unit.functions.factories import ALICE, BOB, SECRET, Context, answer, api_event, bearer, details
from users import api, passwords
from users.domain import EmailTakenError, NoSuchUserError, User
from users.handler import handler

BAD_EMAILS: list[object] = ["", "a", "a@b", "@b.c", "a b@c.d", "a@b.c\n", "ü@b.c", "a@b..c", 7, None]
BAD_EMAILS += ["a" * 249 + "@b.com"]
BAD_PASSWORDS: list[object] = ["", "1234567", "a" * 129, None, 12345678, "\ud800" * 8]
BAD_NAMES: list[object] = ["", "a" * 101, None, [], "\ud800"]
GOOD = {"email": "alice@example.com", "password": "password1", "name": "Alice"}


class MemoryUsers:
    """`Users` in a dict."""

    def __init__(self) -> None:
        self.users: dict[str, User] = {}
        self.asked: list[str] = []

    def add(self, user: User) -> None:
        """See `Users`."""
        if user.email in self.users:
            raise EmailTakenError
        self.users[user.email] = user

    def get(self, user_id: str) -> User:
        """See `Users`."""
        for user in self.users.values():
            if user.user_id == user_id:
                return user
        raise NoSuchUserError

    def change(self, user_id: str, email: str | None, name: str | None) -> User:
        """See `Users`."""
        old = self.get(user_id)
        if email and email != old.email and email in self.users:
            raise EmailTakenError
        del self.users[old.email]
        new = replace(old, email=email or old.email, name=name or old.name)
        self.users[new.email] = new
        return new

    def delete(self, user_id: str) -> None:
        """See `Users`."""
        del self.users[self.get(user_id).email]

    def by_email(self, email: str) -> User | None:
        """See `Users`."""
        self.asked.append(email)
        return self.users.get(email)


@pytest.fixture(autouse=True)
def store() -> Iterator[MemoryUsers]:
    """The store behind the API."""
    users = MemoryUsers()
    api.app.dependency_overrides[api.users_table] = lambda: users
    yield users
    api.app.dependency_overrides.clear()


def post(path: str, body: object) -> dict[str, Any]:
    """Send one request."""
    response: dict[str, Any] = handler(api_event("POST", path, body), Context())
    return response


def test_registered_user_can_sign_in() -> None:
    status, registered = answer(post("/users", {**GOOD, "email": "Alice@Example.COM"}))
    assert (status, list(registered)) == (201, ["userId"])
    status, signed_in = answer(post("/users/login", {"email": "aLICE@example.com", "password": "password1"}))
    assert status == 200
    assert (signed_in["userId"], signed_in["expiresIn"]) == (registered["userId"], 3600)
    claims = jwt.decode(signed_in["token"], SECRET, algorithms=["HS256"], issuer="shop")
    assert (claims["sub"], claims["email"]) == (registered["userId"], "alice@example.com")
    assert claims["role"] == "customer"


def test_password_is_kept_as_argon2id_hash(store: MemoryUsers) -> None:
    post("/users", GOOD)
    assert store.users["alice@example.com"].password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_second_account_for_an_address_is_409() -> None:
    post("/users", GOOD)
    status, body = answer(post("/users", {**GOOD, "email": "ALICE@example.com"}))
    assert (status, body["error"]["code"]) == (409, "EMAIL_TAKEN")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *[("email", bad) for bad in BAD_EMAILS],
        *[("password", bad) for bad in BAD_PASSWORDS],
        *[("name", bad) for bad in BAD_NAMES],
    ],
)
def test_bad_registration_is_400_naming_the_field(field: str, value: object) -> None:
    assert list(details(post("/users", {**GOOD, field: value}))) == [field]


def test_length_is_told_in_characters() -> None:
    assert details(post("/users", {**GOOD, "password": "short", "name": ""})) == {
        "password": "Value should have at least 8 characters, not 5",
        "name": "Value should have at least 1 character, not 0",
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "a" * 248 + "@b.com"),
        ("password", "12345678"),
        ("password", "ü" * 128),
        ("name", "a" * 100),
        ("name", "Ünï 名"),
    ],
)
def test_limits_of_registration_are_inclusive(field: str, value: str) -> None:
    assert answer(post("/users", {**GOOD, field: value}))[0] == 201


@pytest.mark.parametrize("password", ["wrong-password", "short", "", "a" * 1000])
def test_wrong_password_is_401(password: str) -> None:
    post("/users", GOOD)
    assert answer(post("/users/login", {"email": GOOD["email"], "password": password}))[0] == 401


@pytest.mark.parametrize("email", ["nobody@example.com", "", "not an address", "a" * 5000, "ü"])
def test_unknown_address_is_401_and_costs_a_hash(
    email: str, store: MemoryUsers, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashes: list[str | None] = []
    monkeypatch.setattr(passwords, "matches", lambda _password, known: hashes.append(known))
    assert answer(post("/users/login", {"email": email, "password": "password1"}))[0] == 401
    assert hashes == [None]
    assert all(0 < len(asked) <= 254 for asked in store.asked)


@pytest.mark.parametrize("field", ["email", "password"])
@pytest.mark.parametrize("value", [None, 1, [], "\ud800"])
def test_login_of_wrong_types_is_400(field: str, value: object) -> None:
    body = {"email": "a@b.c", "password": "password1", field: value}
    assert list(details(post("/users/login", body))) == [field]


def test_nobody_has_no_password() -> None:
    assert not passwords.matches("anything", None)
    assert not passwords.matches("anything", "not a hash")


@pytest.fixture
def alice(store: MemoryUsers) -> User:
    """A user who is there."""
    user = User("alice", "alice@example.com", "Alice", "customer", "hash")
    store.add(user)
    return user


def own(method: str, body: object = None, *, user_id: str = "alice", principal: Principal = ALICE) -> dict[str, Any]:
    """Send a signed-in customer's request about a user."""
    event = api_event(method, f"/users/{user_id}", body, headers=bearer(principal))
    response: dict[str, Any] = handler(event, Context())
    return response


@pytest.mark.usefixtures("alice")
def test_profile_has_no_secrets() -> None:
    assert answer(own("GET")) == (200, {"userId": "alice", "email": "alice@example.com", "name": "Alice"})


@pytest.mark.usefixtures("alice")
@pytest.mark.parametrize(("method", "body"), [("GET", None), ("PATCH", {"name": "Eve"}), ("DELETE", None)])
def test_somebody_elses_profile_looks_like_none(method: str, body: object, store: MemoryUsers) -> None:
    there = own(method, body, principal=BOB)
    nowhere = own(method, body, user_id="nobody", principal=BOB)
    without = own(method, body, user_id="bob", principal=BOB)
    assert answer(there) == answer(nowhere) == answer(without)
    assert answer(there)[0] == 404
    assert [user.name for user in store.users.values()] == ["Alice"]


@pytest.mark.usefixtures("alice")
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_profile_needs_a_token(method: str, store: MemoryUsers) -> None:
    response = handler(api_event(method, "/users/alice", {"name": "Eve"}), Context())
    assert response["statusCode"] == 401
    assert store.users["alice@example.com"].name == "Alice"


@pytest.mark.usefixtures("alice")
@pytest.mark.parametrize(
    ("change", "changed"),
    [
        ({"name": "Eve"}, {"name": "Eve"}),
        ({"email": "Eve@Example.com"}, {"email": "eve@example.com"}),
        ({"email": "ALICE@example.com"}, {}),
        ({"email": "eve@example.com", "name": "Eve"}, {"email": "eve@example.com", "name": "Eve"}),
        ({"name": "Eve", "role": "admin", "userId": "x", "passwordHash": "x"}, {"name": "Eve"}),
    ],
)
def test_change_is_answered_with_the_profile_after_it(change: object, changed: dict[str, str]) -> None:
    profile = {"userId": "alice", "email": "alice@example.com", "name": "Alice"}
    assert answer(own("PATCH", change)) == (200, profile | changed)
    assert answer(own("GET")) == (200, profile | changed)


@pytest.mark.usefixtures("alice")
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({}, "body"),
        ({"password": "password2"}, "body"),
        *[({"email": bad}, "email") for bad in BAD_EMAILS],
        *[({"name": bad, "email": "eve@example.com"}, "name") for bad in BAD_NAMES],
    ],
)
def test_bad_change_is_400_naming_the_field(change: object, field: str) -> None:
    assert list(details(own("PATCH", change))) == [field]


@pytest.mark.usefixtures("alice")
def test_change_to_an_address_with_an_account_is_409(store: MemoryUsers) -> None:
    store.add(User("bob", "bob@example.com", "Bob", "customer", "hash"))
    status, body = answer(own("PATCH", {"email": "BOB@example.com", "name": "Eve"}))
    assert (status, body["error"]["code"]) == (409, "EMAIL_TAKEN")
    assert store.users["alice@example.com"].name == "Alice"


@pytest.mark.usefixtures("alice")
def test_deleted_user_is_gone(store: MemoryUsers) -> None:
    response = own("DELETE")
    assert (response["statusCode"], response.get("body")) == (204, None)
    assert store.users == {}


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=4)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(st.fixed_dictionaries({}, optional={"email": JSON, "password": JSON, "name": JSON}))
def test_no_body_is_a_server_error(body: dict[str, object]) -> None:
    for path in ("/users", "/users/login"):
        assert post(path, body)["statusCode"] in (201, 400, 401, 409)
