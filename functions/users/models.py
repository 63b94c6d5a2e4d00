"""What the API of users takes and gives."""

from typing import Annotated

from pydantic import AfterValidator, Field

from common.model import Model, RequestModel, Text
from users.domain import EMAIL_PATTERN, MAX_EMAIL_LENGTH

# The pattern once more: pydantic's own schema of a text with a validator has lengths, but no pattern.
_ADDRESS = Field(max_length=MAX_EMAIL_LENGTH, pattern=EMAIL_PATTERN, json_schema_extra={"pattern": EMAIL_PATTERN})
Email = Annotated[Text, _ADDRESS, AfterValidator(str.lower)]


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

    email: Annotated[Text, Field(examples=["demo@example.com"])]
    password: Annotated[Text, Field(examples=["demo-password"])]


class SignedIn(Model):
    """A token and how many seconds it holds."""

    token: str
    expires_in: int
    user_id: str
