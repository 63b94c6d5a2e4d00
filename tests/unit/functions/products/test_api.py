"""The API of products, with the catalogue in memory."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from common.paging import Rows, encode_cursor, rows
from products import api
from products.handler import handler
from tests.unit.functions.factories import Context, answer, api_event, details


def product(number: int) -> dict[str, Any]:
    """One product as the store gives it."""
    return {
        "productId": f"product-{number:03}",
        "name": f"Product {number}",
        "category": f"category-{number % 2}",
        "priceCents": 100 + number,
        "description": "Good.",
        "stock": 7,
    }


class MemoryCatalogue:
    """`Catalogue` in a list."""

    def __init__(self) -> None:
        self.products = [product(number) for number in range(1, 46)]

    def get(self, product_id: str) -> dict[str, Any] | None:
        """See `Catalogue`."""
        return next((item for item in self.products if item["productId"] == product_id), None)

    def page(self, category: str | None, limit: int, after: Mapping[str, str] | None) -> Rows:
        """See `Catalogue`."""
        wanted = [item for item in self.products if category in (None, item["category"])]
        start = [item for item in wanted if after is None or item["productId"] > after["productId"]]
        return rows(start[: limit + 1], more=False, limit=limit, names=["productId"])


@pytest.fixture(autouse=True)
def store() -> Iterator[MemoryCatalogue]:
    """The store behind the API."""
    catalogue = MemoryCatalogue()
    api.app.dependency_overrides[api.catalogue] = lambda: catalogue
    yield catalogue
    api.app.dependency_overrides.clear()


def get(path: str, **query: str) -> dict[str, Any]:
    """Send one request."""
    response: dict[str, Any] = handler(api_event("GET", path, query=query or None), Context())
    return response


def test_product_without_thumbnail_has_no_such_field() -> None:
    assert answer(get("/products/product-001")) == (200, product(1))


def test_product_with_thumbnail_shows_it(store: MemoryCatalogue) -> None:
    store.products[0]["thumbnailUrl"] = "http://127.0.0.1/t.png"
    assert answer(get("/products/product-001"))[1]["thumbnailUrl"] == "http://127.0.0.1/t.png"


@pytest.mark.parametrize("product_id", ["nothing", "a" * 64, "a" * 65, "名前", "a%20b"])
def test_unknown_product_is_404(product_id: str) -> None:
    assert answer(get(f"/products/{product_id}"))[0] == 404


@pytest.mark.parametrize(("query", "total"), [({}, 45), ({"category": "category-1"}, 23), ({"category": "none"}, 0)])
def test_pages_put_together_are_the_list(query: dict[str, str], total: int) -> None:
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        status, page = answer(get("/products", limit="10", **query, **cursor))
        assert status == 200
        assert len(page["items"]) <= 10
        seen += [item["productId"] for item in page["items"]]
        if page["cursor"] is None:
            break
        cursor = {"cursor": page["cursor"]}
    assert len(seen) == len(set(seen)) == total


def test_default_page_has_twenty() -> None:
    assert len(answer(get("/products"))[1]["items"]) == 20


@pytest.mark.parametrize(
    "query",
    [{"limit": "0"}, {"limit": "101"}, {"cursor": "x"}, {"category": ""}, {"category": "c" * 65}],
)
def test_bad_query_is_400_naming_the_field(query: dict[str, str]) -> None:
    assert list(details(get("/products", **query))) == list(query)


def test_cursor_of_another_list_is_400() -> None:
    cursor = encode_cursor({"orderId": "o", "placedAt": "2026"})
    assert cursor is not None
    assert "cursor" in details(get("/products", cursor=cursor))
