"""Tokens."""

import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest

from common import auth
from common.errors import UnauthorizedError
from tests.unit.functions.factories import ALICE, SECRET


def token(secret: str = SECRET, algorithm: str = "HS256", **changes: Any) -> str:
    """A good token, but for `changes` (None: claim left out)."""
    claims = {
        "iss": "shop",
        "sub": "alice",
        "email": "alice@example.com",
        "role": "customer",
        "exp": int(time.time()) + 60,
        **changes,
    }
    return jwt.encode({k: v for k, v in claims.items() if v is not None}, secret, algorithm=algorithm)


def test_token_stands_for_its_principal() -> None:
    assert auth.verify(auth.issue(ALICE, SECRET), SECRET) == ALICE


def test_token_holds_an_hour() -> None:
    claims = jwt.decode(auth.issue(ALICE, SECRET), options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == 3600
    assert set(claims) == {"sub", "email", "role", "iat", "exp", "iss"}


BAD: dict[str, Callable[[], str]] = {
    "another key": lambda: token(secret="6f" * 32),
    "another algorithm": lambda: token(algorithm="HS512", secret=SECRET * 2),
    "unsigned": lambda: jwt.encode({"sub": "alice", "iss": "shop", "exp": 9_999_999_999}, "", algorithm="none"),
    "expired": lambda: token(exp=int(time.time()) - 1),
    "no expiry": lambda: token(exp=None),
    "another issuer": lambda: token(iss="other"),
    "no issuer": lambda: token(iss=None),
    "no subject": lambda: token(sub=None),
    "a number for a subject": lambda: token(sub=7),
    "no email": lambda: token(email=None),
    "no role": lambda: token(role=None),
    "a letter more": lambda: token() + "x",
    "signature cut off": lambda: token().rpartition(".")[0] + ".",
    "empty": lambda: "",
    "not base64": lambda: "a.b",
    "not ASCII": lambda: "ü.ü.ü",
    "half a surrogate": lambda: "\ud800",
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_bad_token_is_unauthorized(bad: Callable[[], str]) -> None:
    with pytest.raises(UnauthorizedError):
        auth.verify(bad(), SECRET)


def test_header_stands_for_its_principal() -> None:
    assert auth.authenticate(f"Bearer {auth.issue(ALICE, SECRET)}") == ALICE
    assert auth.authenticate(f" bearer   {auth.issue(ALICE, SECRET)} ") == ALICE


@pytest.mark.parametrize("header", [None, "", " ", "Bearer", "Bearer ", "Basic YTpi", "Bearer x.y.z", "x"])
def test_header_without_a_good_token_is_unauthorized(header: str | None) -> None:
    with pytest.raises(UnauthorizedError):
        auth.authenticate(header)


def test_token_without_its_scheme_is_unauthorized() -> None:
    with pytest.raises(UnauthorizedError):
        auth.authenticate(auth.issue(ALICE, SECRET))


def test_token_of_a_deleted_user_is_unauthorized(deleted: set[str]) -> None:
    deleted.add("alice")
    with pytest.raises(UnauthorizedError):
        auth.authenticate(f"Bearer {auth.issue(ALICE, SECRET)}")
