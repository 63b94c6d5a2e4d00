"""Cursors and pages."""

import base64
import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import InvalidRequestError
from common.paging import decode_cursor, encode_cursor, rows

NAMES = ("orderId", "placedAt")
KEYS = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=256)


@given(KEYS, KEYS)
def test_cursor_round_trip(order_id: str, placed_at: str) -> None:
    key = {"orderId": order_id, "placedAt": placed_at}
    cursor = encode_cursor(key)
    assert cursor is not None
    assert cursor.isascii()
    assert not set(cursor) & set("+/=&? ")
    assert decode_cursor(cursor, NAMES) == key


def test_no_cursor_is_no_key() -> None:
    assert encode_cursor(None) is None
    assert decode_cursor(None, NAMES) is None


@given(st.text() | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_any_text_is_a_key_or_an_invalid_request(text: str) -> None:
    with contextlib.suppress(InvalidRequestError):
        decode_cursor(text, NAMES)


@pytest.mark.parametrize(
    "content",
    [
        {},
        [],
        None,
        {"orderId": "a"},
        {"orderId": "a", "placedAt": "b", "customerId": "bob"},
        {"orderId": "a", "placedAt": 1},
        {"orderId": "", "placedAt": "b"},
        {"orderId": "a" * 257, "placedAt": "b"},
        {"orderId": "\ud800", "placedAt": "b"},
        {"orderId": {"S": "a"}, "placedAt": "b"},
    ],
)
def test_cursor_of_another_shape_is_invalid(content: object) -> None:
    with pytest.raises(InvalidRequestError):
        decode_cursor(base64.urlsafe_b64encode(json.dumps(content).encode()).decode(), NAMES)


def test_tampered_cursor_is_invalid() -> None:
    cursor = encode_cursor({"orderId": "a", "placedAt": "b"})
    assert cursor is not None
    for bad in ("", "x" + cursor, cursor[:-3], cursor[1:], "ü"):
        with pytest.raises(InvalidRequestError):
            decode_cursor(bad, NAMES)


@given(st.integers(0, 30), st.integers(1, 10))
def test_pages_put_together_are_the_list(count: int, limit: int) -> None:
    everything = [{"id": f"{index:03}"} for index in range(count)]
    seen: list[dict[str, str]] = []
    pages, start = 0, 0
    while True:
        page = rows(everything[start : start + limit + 1], more=False, limit=limit, names=["id"])
        seen += page.items
        pages += 1
        if page.last is None:
            break
        start = everything.index(dict(page.last)) + 1
    assert seen == everything
    assert pages == max(1, -(-count // limit))


def test_page_that_dynamodb_cut_short_has_a_next_one() -> None:
    assert rows([{"id": "1"}], more=True, limit=5, names=["id"]).last == {"id": "1"}
    assert rows([], more=False, limit=5, names=["id"]).last is None
