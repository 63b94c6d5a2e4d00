"""Prices and totals."""

from typing import Any

import boto3
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st

from common.events import Line
from common.purchase import DynamoPrices, total

LINES = st.lists(
    st.builds(Line, product_id=st.text(max_size=8), quantity=st.integers(1, 10_000), price_cents=st.integers(0, 10**9))
)


@given(LINES)
def test_total_is_exact_and_the_sum_of_its_parts(lines: list[Line]) -> None:
    middle = len(lines) // 2
    assert total(lines) == total(lines[:middle]) + total(lines[middle:])
    assert type(total(lines)) is int


def test_prices_are_those_of_the_products_that_exist() -> None:
    client: Any = boto3.client("dynamodb")
    found = {"productId": {"S": "p1"}, "priceCents": {"N": "999"}}
    with Stubber(client) as stub:
        stub.add_response("batch_get_item", {"Responses": {"products": [found]}})
        assert DynamoPrices(client, "products").of(["p1", "gone"]) == {"p1": 999}
