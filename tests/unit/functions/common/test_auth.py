"""Tokens."""

import time
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


@pytest.mark.parametrize(
    "bad",
    [
        token(secret="6f" * 32),
        token(algorithm="HS512", secret=SECRET * 2),
        jwt.encode({"sub": "alice", "iss": "shop", "exp": 9_999_999_999}, "", algorithm="none"),
        token(exp=int(time.time()) - 1),
        token(exp=None),
        token(iss="other"),
        token(iss=None),
        token(sub=None),
        token(sub=7),
        token(email=None),
        token(role=None),
        token() + "x",
        token().rpartition(".")[0] + ".",
        "",
        "a.b",
        "ü.ü.ü",
        "\ud800",
    ],
)
def test_bad_token_is_unauthorized(bad: str) -> None:
    with pytest.raises(UnauthorizedError):
        auth.verify(bad, SECRET)
