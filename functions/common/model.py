"""Base models: snake_case in Python, camelCase in JSON, unknown fields ignored, values never changed."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError


def _encodable(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise PydanticCustomError("string_unicode", "Input should be Unicode without lone surrogates") from None
    return text


Text = Annotated[str, AfterValidator(_encodable)]
"""A text from outside. JSON can hold half a character (`"\\ud800"`), which nobody can store or hash."""


class Model(BaseModel):
    """What our own code builds: events, answers, stored records."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,  # errors are logged, and input holds addresses and payment tokens
    )


class RequestModel(Model):
    """What a client sends: only the camelCase names count, so `product_id` is an unknown field."""

    model_config = ConfigDict(validate_by_name=False)
