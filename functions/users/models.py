"""What the API of users takes and gives."""

from typing import Annotated, Any, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from common.model import Model, RequestModel, Text
from users.domain import EMAIL_PATTERN, MAX_EMAIL_LENGTH

# The pattern once more: pydantic's own schema of a text with a validator has lengths, but no pattern.
_ADDRESS = Field(max_length=MAX_EMAIL_LENGTH, pattern=EMAIL_PATTERN, json_schema_extra={"pattern": EMAIL_PATTERN})
Email = Annotated[Text, _ADDRESS, AfterValidator(str.lower)]
Name = Annotated[Text, Field(min_length=1, max_length=100)]


class Registration(RequestModel):
    """`POST /users`."""

    email: Email
    password: Annotated[Text, Field(min_length=8, max_length=128)]
    name: Name


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


class Profile(Model):
    """What is known of a user, but for the password."""

    user_id: str
    email: str
    name: str


def _without_defaults(schema: dict[str, Any]) -> None:
    """A property may be left out, but cannot be sent as what stands for that."""
    schema["minProperties"] = 1
    for each in schema["properties"].values():
        del each["default"]


class ProfileChange(RequestModel):
    """`PATCH /users/{userId}`: what is to change; what is left out stays, and is empty here."""

    model_config = ConfigDict(json_schema_extra=_without_defaults)

    email: Email = ""
    name: Name = ""

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if not self.model_fields_set:
            raise PydanticCustomError("missing", "has neither email nor name")
        return self
