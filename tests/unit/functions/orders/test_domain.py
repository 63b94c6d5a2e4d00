"""The rules of orders."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.purchase import total
from orders.domain import UnknownProductError, fingerprint, order_id_for, priced
from orders.models import OrderRequest

NAMES = st.text(min_size=1, max_size=8)
KEYS = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=64)
CART = st.dictionaries(NAMES, st.tuples(st.integers(1, 10_000), st.integers(0, 10**9)), min_size=1, max_size=100)


@given(CART)
def test_total_is_exact_whatever_the_order_of_lines(cart: dict[str, tuple[int, int]]) -> None:
    lines = priced({name: q for name, (q, _) in cart.items()}, {name: price for name, (_, price) in cart.items()})
    assert [line.product_id for line in lines] == list(cart)
    assert total(lines) == total(lines[::-1]) == sum(quantity * price for quantity, price in cart.values())
    assert type(total(lines)) is int


def test_unknown_products_are_named() -> None:
    with pytest.raises(UnknownProductError, match="b, c"):
        priced({"a": 1, "b": 1, "c": 1}, {"a": 100})


@given(NAMES, KEYS, NAMES, KEYS)
def test_order_id_is_one_for_one_customer_and_key(alice: str, key: str, bob: str, other: str) -> None:
    assert order_id_for(alice, key) == order_id_for(alice, key)
    assert (order_id_for(alice, key) == order_id_for(bob, other)) == ((alice, key) == (bob, other))
    assert len(order_id_for(alice, key)) == 36


def test_order_id_without_key_is_new_each_time() -> None:
    assert order_id_for("alice", None) != order_id_for("alice", None)


def request(quantity: int = 1, **extra: object) -> OrderRequest:
    """A request, maybe with fields that nobody knows."""
    return OrderRequest.model_validate(
        {
            "payment": {"token": "tok_ok", "method": "card"},
            "items": [{"quantity": quantity, "productId": "p1", **extra}],
            **extra,
        }
    )


def test_fingerprint_tells_requests_apart_by_what_counts() -> None:
    assert fingerprint(request()) == fingerprint(request(coupon="XMAS"))
    assert fingerprint(request()) != fingerprint(request(quantity=2))
