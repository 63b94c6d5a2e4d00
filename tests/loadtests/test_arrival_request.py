from __future__ import annotations

from typing import Any

import pytest

from loadtests import arrival_request
from loadtests.history.figures import main_figures
from loadtests.matrix import figures as of_matrix
from tests.loadtests.matrix_folder import sample_summary


def sync(**counts: int) -> dict[str, Any]:
    """By request, as in `POST_orders`: how often it was sent; each has its count as its milliseconds."""
    return {
        key.replace("_", " /", 1).replace("_", "/"): {"count": count, "p50_ms": float(count), "p95_ms": float(count)}
        for key, count in counts.items()
    }


@pytest.mark.parametrize(
    ("counts", "found"),
    [
        ({"GET_products": 90, "PUT_cart_items": 60, "POST_cart_checkout": 30}, "POST /cart/checkout"),
        ({"POST_users_login": 90, "POST_orders": 30}, "POST /orders"),
        ({"POST_async_orders": 30, "GET_orders": 300}, "POST /async/orders"),
        ({"GET_products": 90, "PUT_products": 3}, "PUT /products"),
        ({"GET_categories": 9, "GET_products": 90}, "GET /products"),
    ],
    ids=["checkout", "orders with a login", "by a queue", "writes", "reads"],
)
def test_arrival_stands_for_one_request_in_matrix_and_history_alike(counts: dict[str, int], found: str) -> None:
    content = sample_summary(sync=sync(**counts))
    assert arrival_request.name(content["sync"]) == of_matrix.request(content) == found
    p95_ms = content["sync"][found]["p95_ms"]
    assert of_matrix.of(content)["request_p95_ms"] == main_figures(content)["answer_p95_ms"] == p95_ms


@pytest.mark.parametrize(
    ("odd", "found"), [({}, None), ({"GET /a": None, "GET /b": {"count": 1}, "GET /c": {"count": "9"}}, "GET /b")]
)
def test_what_is_no_count_is_none(odd: dict[str, Any], found: str | None) -> None:
    assert arrival_request.name(odd) == found
