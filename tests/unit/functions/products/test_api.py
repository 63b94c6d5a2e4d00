"""The API of products, with the catalogue in memory."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from common.errors import NotFoundError
from common.paging import Rows, encode_cursor, rows
from products import api
from products.domain import EditConflictError
from products.handler import handler
from products.models import ProductRequest
from tests.unit.functions.factories import ADMIN, ALICE, Context, answer, api_event, bearer, details

GOOD: dict[str, Any] = {"name": "Kettle", "category": "kitchen", "priceCents": 1999, "stock": 5, "description": "Hot."}


def product(number: int) -> dict[str, Any]:
    """One product as the store gives it."""
    return {
        "productId": f"product-{number:03}",
        "name": f"Product {number}",
        "category": f"category-{number % 2}",
        "priceCents": 100 + number,
        "description": "Good.",
        "stock": 7,
        "version": 1,
    }


def shown(item: dict[str, Any]) -> dict[str, Any]:
    """What the API shows of it."""
    return {name: value for name, value in item.items() if name != "version"}


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

    def add(self, product_id: str, product: ProductRequest) -> dict[str, Any]:
        """See `Catalogue`."""
        item = {"productId": product_id, **product.model_dump(by_alias=True), "version": 1}
        self.products.append(item)
        return item

    def replace(self, product_id: str, product: ProductRequest, version: int | None) -> dict[str, Any]:
        """See `Catalogue`."""
        item = self.get(product_id)
        if item is None:
            raise NotFoundError("There is no such product.")
        if version not in (None, item["version"]):
            raise EditConflictError("changed")
        item.update(product.model_dump(by_alias=True), version=item["version"] + 1)
        return item

    def remove(self, product_id: str) -> None:
        """See `Catalogue`."""
        item = self.get(product_id)
        if item is None:
            raise NotFoundError("There is no such product.")
        self.products.remove(item)


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
    assert answer(get("/products/product-001")) == (200, shown(product(1)))


def test_product_with_thumbnail_shows_it(store: MemoryCatalogue) -> None:
    image = {"width": 3, "height": 2, "type": "image/png", "bytes": 99}
    store.products[0]["image"] = {**image, "thumbnail": "thumbnails/a~b/1.jpg", "original": "originals/a~b/1"}
    found = answer(get("/products/product-001"))[1]
    assert found["image"] == image
    assert found["thumbnailUrl"] == "https://images.s3.us-east-1.amazonaws.com/thumbnails/a~b/1.jpg"
    assert answer(get("/products"))[1]["items"][0] == found


def test_thumbnail_is_at_the_clients_address_beside_an_endpoint_that_is_not_aws(
    store: MemoryCatalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://10.0.0.1:4566")
    store.products[0]["image"] = {"width": 1, "height": 1, "type": "image/png", "bytes": 1, "thumbnail": "t/1.jpg"}
    event = api_event("GET", "/products/product-001", headers={"Host": "127.0.0.1:4600", "X-Forwarded-Proto": "HTTP"})
    assert answer(handler(event, Context()))[1]["thumbnailUrl"] == "http://127.0.0.1:4600/images/t/1.jpg"


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


def change(
    method: str, path: str, body: object = None, *, headers: dict[str, str] | None = None, by: Any = ADMIN
) -> dict[str, Any]:
    """Send one request with a token (`by` None: without one)."""
    sent = {**(bearer(by) if by else {}), **(headers or {})}
    response: dict[str, Any] = handler(api_event(method, path, body, headers=sent), Context())
    return response


def test_added_product_is_in_the_catalogue() -> None:
    status, added = answer(change("POST", "/products", GOOD))
    assert (status, added) == (201, {"productId": added["productId"], **GOOD})
    assert answer(get(f"/products/{added['productId']}")) == (200, added)


def test_replaced_product_has_all_that_is_new() -> None:
    wanted = {**GOOD, "stock": 0}
    assert answer(change("PUT", "/products/product-001", wanted)) == (200, {"productId": "product-001", **wanted})
    assert answer(get("/products/product-001"))[1]["name"] == "Kettle"


def test_removed_product_is_gone() -> None:
    response = change("DELETE", "/products/product-001")
    assert (response["statusCode"], response["body"]) == (204, None)
    assert answer(get("/products/product-001"))[0] == 404
    assert answer(change("DELETE", "/products/product-001"))[0] == 404


def test_replacing_what_is_not_there_is_404() -> None:
    assert answer(change("PUT", "/products/nothing", GOOD))[0] == 404


def test_edit_of_a_version_that_is_gone_is_412() -> None:
    tag = get("/products/product-001")["multiValueHeaders"]["ETag"][0]
    assert change("PUT", "/products/product-001", GOOD, headers={"If-Match": tag})["statusCode"] == 200
    status, body = answer(change("PUT", "/products/product-001", GOOD, headers={"If-Match": tag}))
    assert (status, body["error"]["code"]) == (412, "EDIT_CONFLICT")


@pytest.mark.parametrize("tag", ["1", "*", '"x"', '""', 'W/"1"', '"' + "9" * 19 + '"'])
def test_tag_that_no_answer_gave_is_400(tag: str) -> None:
    assert "if-match" in details(change("PUT", "/products/product-001", GOOD, headers={"If-Match": tag}))


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/products"), ("PUT", "/products/product-001"), ("DELETE", "/products/product-001")],
)
def test_only_admins_change_the_catalogue(method: str, path: str) -> None:
    assert answer(change(method, path, {}, by=None))[0] == 401
    status, body = answer(change(method, path, {}, by=ALICE))
    assert (status, body["error"]["code"]) == (403, "FORBIDDEN")


@pytest.mark.parametrize(
    ("field", "bad"),
    [
        *[("name", bad) for bad in ("", "n" * 201, None, 7, "\ud800")],
        *[("category", bad) for bad in ("", "c" * 65, None, [])],
        *[("priceCents", bad) for bad in (-1, 100_000_001, 1.5, "1", True, None)],
        *[("stock", bad) for bad in (-1, 1_000_000_001, 1.0, "1", False, None)],
        *[("description", bad) for bad in ("d" * 2001, None, {})],
    ],
)
def test_bad_product_is_400_naming_the_field(field: str, bad: object) -> None:
    for method, path in (("POST", "/products"), ("PUT", "/products/product-001")):
        assert list(details(change(method, path, {**GOOD, field: bad}))) == [field]
        missing = {name: value for name, value in GOOD.items() if name != field}
        assert list(details(change(method, path, missing))) == [field]
