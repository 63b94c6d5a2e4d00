"""Who is calling: HS256 JSON web tokens, issued by users; checked by the authorizer and again by every service.

API Gateway keeps what the authorizer said for some minutes, and a stock LocalStack asks no authorizer: what a service
finds is right at once and everywhere.
"""

import os
from dataclasses import dataclass
from functools import cache
from time import time

import jwt
from aws_lambda_powertools.utilities.parameters import SecretsProvider

from common import aws
from common.deleted_users import deleted_users
from common.errors import UnauthorizedError

ISSUER = "shop"
# Named when a token is checked: trusting the token's own `alg` is how "none" gets in (RFC 8725, 3.1).
_ALGORITHM = "HS256"
LIFETIME_S = 3600
_SECRET_MAX_AGE_S = 300


@dataclass(frozen=True, slots=True)
class Principal:
    """The signed-in customer or admin."""

    user_id: str
    email: str
    role: str


@cache
def _secrets() -> SecretsProvider:
    return SecretsProvider(boto3_client=aws.secrets_manager())


def jwt_secret() -> str:
    """The signing key from Secrets Manager, asked for again after five minutes. Raises GetParameterError."""
    return str(_secrets().get(os.environ["JWT_SECRET_ID"], max_age=_SECRET_MAX_AGE_S))


def authenticate(header: str | None) -> Principal:
    """Who signed in, by the value of the header Authorization: `Bearer <token>`, the scheme in any case.

    Raises UnauthorizedError without a good token, or when its user was deleted since; other errors when that cannot be
    found out.
    """
    scheme, _, token = (header or "").strip().partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise UnauthorizedError("The header Authorization must be: Bearer <token>")
    principal = verify(token, jwt_secret())
    if deleted_users().has(principal.user_id):
        raise UnauthorizedError("The token is not valid: sign in again.")
    return principal


def issue(principal: Principal, secret: str) -> str:
    """A token for `principal` that holds for `LIFETIME_S` seconds from now."""
    issued_at = int(time())
    claims = {
        "iss": ISSUER,
        "sub": principal.user_id,
        "email": principal.email,
        "role": principal.role,
        "iat": issued_at,
        "exp": issued_at + LIFETIME_S,
    }
    return jwt.encode(claims, secret, algorithm=_ALGORITHM)


def verify(token: str, secret: str) -> Principal:
    """Who `token` stands for. Raises UnauthorizedError when it is malformed, expired, or not signed by us."""
    try:
        claims = jwt.decode(
            token,
            secret,
            algorithms=[_ALGORITHM],
            issuer=ISSUER,
            options={"require": ["exp", "iss", "sub", "email", "role"]},
        )
        return Principal(user_id=claims["sub"], email=claims["email"], role=claims["role"])
    except (jwt.InvalidTokenError, ValueError) as error:  # ValueError: lone surrogates cannot be encoded
        raise UnauthorizedError("The token is not valid: sign in again.") from error
