"""What API Gateway lets into the queue `order-intake` is what the service behind it takes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator
from pydantic import ValidationError

from bootstrap.shop_intake import ORDER_REQUEST
from orders.models import AsyncOrderRequest

VALIDATOR = Draft4Validator(ORDER_REQUEST.schema)

GOOD_LINE = {"productId": "product-001", "quantity": 1}
GOOD = {"items": [GOOD_LINE], "payment": {"method": "card", "token": "tok_ok"}}

anything = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3)
texts = (
    st.text(min_size=0, max_size=70) | st.sampled_from(["x" * 32, "x" * 33, "x" * 64, "x" * 65, "\ud800"]) | anything
)
quantities = st.integers(-1, 10_002) | st.sampled_from([0, 1, 10_000, 10_001, 1.5, True, "1"]) | anything
lines = st.fixed_dictionaries({}, optional={"productId": texts, "quantity": quantities, "more": anything}) | anything
tokens = st.sampled_from(["tok_ok", "tok_declined", "tok_slow", "tok_flaky", "tok_free", ""]) | anything
payments = st.fixed_dictionaries({}, optional={"method": texts, "token": tokens, "more": anything}) | anything
bodies = st.fixed_dictionaries(
    {}, optional={"items": st.lists(lines, max_size=3) | anything, "payment": payments, "more": anything}
)


def _service_takes(body: Any) -> bool:
    try:
        AsyncOrderRequest.model_validate(body)
    except ValidationError:
        return False
    return True


@given(bodies)
def test_model_and_service_agree_on_every_body(body: Any) -> None:
    assert VALIDATOR.is_valid(body) == _service_takes(body)


@given(st.data())
def test_model_and_service_agree_on_what_is_nearly_good(data: st.DataObject) -> None:
    line = GOOD_LINE | data.draw(st.fixed_dictionaries({}, optional={"productId": texts, "quantity": quantities}))
    payment = GOOD["payment"] | data.draw(  # type: ignore[operator]
        st.fixed_dictionaries({}, optional={"method": texts, "token": tokens})
    )
    body = {"items": [line], "payment": payment}
    assert VALIDATOR.is_valid(body) == _service_takes(body)


@pytest.mark.parametrize("count", [0, 1, 100, 101])
def test_model_and_service_agree_on_how_many_lines_there_may_be(count: int) -> None:
    body = GOOD | {"items": [{"productId": f"p{n}", "quantity": 1} for n in range(count)]}
    assert VALIDATOR.is_valid(body) == _service_takes(body) == (1 <= count <= 100)


def test_repeated_products_pass_for_the_service_adds_them_up() -> None:
    body = GOOD | {"items": [GOOD_LINE, GOOD_LINE]}
    assert VALIDATOR.is_valid(body)
    assert _service_takes(body)
