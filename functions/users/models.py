"""What the API of users takes and gives."""

from typing import Annotated

from pydantic import AfterValidator, Field

from common.model import Model, RequestModel, Text
from users.domain import EMAIL_PATTERN, MAX_EMAIL_LENGTH

Email = Annotated[Text, Field(max_length=MAX_EMAIL_LENGTH, pattern=EMAIL_PATTERN), AfterValidator(str.lower)]


class Registration(RequestModel):
    """`POST /users`."""

    email: Email
    password: Annotated[Text, Field(min_length=8, max_length=128)]
    name: Annotated[Text, Field(min_length=1, max_length=100)]


class Registered(Model):
    """The new customer."""

    user_id: str


class Login(RequestModel):
    """`POST /users/login`. No limits: credentials that cannot exist are wrong (401), not malformed (400)."""

    email: Text
    password: Text


class SignedIn(Model):
    """A token and how many seconds it holds."""

    token: str
    expires_in: int
    user_id: str
