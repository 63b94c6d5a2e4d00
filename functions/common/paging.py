"""Lists in pages: an opaque cursor that says after which key the next page starts."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from common.errors import InvalidRequestError
from common.model import Model

DEFAULT_LIMIT = 20
MAX_LIMIT = 100


def _plain_digits(value: object) -> object:
    """Pydantic alone would take "5.0", " 5 " and "1_0" as numbers."""
    if isinstance(value, str) and not (value.isascii() and value.isdigit()):
        raise PydanticCustomError("int_parsing", "Input should be an integer")
    return value


Limit = Annotated[int, BeforeValidator(_plain_digits), Query(ge=1, le=MAX_LIMIT)]
Cursor = Annotated[str | None, Query(description="`cursor` of the page before; absent on the first")]


class Page[T](Model):
    """One page of a list; `cursor` is null on the last page."""

    items: list[T]
    cursor: str | None = Field(default=None)


@dataclass(frozen=True, slots=True)
class Rows:
    """What a store reads for one page; `last` is the cursor's key, None on the last page."""

    items: list[dict[str, Any]]
    last: Mapping[str, str] | None


def rows(found: Sequence[dict[str, Any]], more: bool, limit: int, names: Sequence[str]) -> Rows:
    """Cut what a query for `limit + 1` items found into one page.

    The extra item tells whether there is a next page, so that the last page never leads to an empty one.
    `more` says that DynamoDB stopped early (at 1 MB). The cursor is made of the attributes `names` of the
    page's last item.
    """
    items = list(found[:limit])
    has_next = bool(items) and (more or len(found) > limit)
    return Rows(items, {name: items[-1][name] for name in names} if has_next else None)


def encode_cursor(key: Mapping[str, str] | None) -> str | None:
    """`key` as URL-safe text; None stays None."""
    if key is None:
        return None
    return base64.urlsafe_b64encode(json.dumps(dict(key), separators=(",", ":")).encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None, names: Sequence[str]) -> dict[str, str] | None:
    """The key in `cursor`, which must have exactly the attributes `names`, all texts of 1 to 256 characters.

    Raises InvalidRequestError for anything else: a cursor is the client's to hand back, not to build. It
    carries no secret and no right: what a query may read is decided by the caller, never by the cursor.
    """
    if cursor is None:
        return None
    try:
        key = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        if isinstance(key, dict) and key.keys() == set(names) and all(map(_is_key, key.values())):
            return key
    except (ValueError, RecursionError):
        pass
    raise InvalidRequestError.of("cursor", "is not one that this list gave out")


def _is_key(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 256 and value.isprintable()
