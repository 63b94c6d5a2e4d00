"""What the store asks of DynamoDB."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import ANY, Stubber

from common.errors import InvalidRequestError
from products.store import DynamoCatalogue


@pytest.fixture
def client() -> Any:
    """A client that is never connected."""
    return boto3.client("dynamodb")


@pytest.fixture
def stub(client: Any) -> Iterator[Stubber]:
    """Its prepared answers; all of them must be asked for."""
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def catalogue(client: Any) -> DynamoCatalogue:
    """The store under test."""
    return DynamoCatalogue(client, "products", "stock")


def item(product_id: str) -> dict[str, Any]:
    """A product in DynamoDB's notation."""
    return {"productId": {"S": product_id}, "priceCents": {"N": "100"}}


def stock(stub: Stubber, **amounts: int) -> None:
    """The next look at the stock finds these amounts."""
    found = [{"productId": {"S": name}, "stock": {"N": str(n)}} for name, n in amounts.items()]
    stub.add_response("batch_get_item", {"Responses": {"stock": found}})


def test_list_is_a_scan_joined_with_the_stock(stub: Stubber, catalogue: DynamoCatalogue) -> None:
    request = {"TableName": "products", "Limit": 3, "ExclusiveStartKey": {"productId": {"S": "a"}}}
    stub.add_response("scan", {"Items": [item("b"), item("c"), item("d")]}, request)
    stock(stub, b=5)
    page = catalogue.page(None, 2, {"productId": "a"})
    assert [(entry["productId"], entry["stock"]) for entry in page.items] == [("b", 5), ("c", 0)]
    assert page.last == {"productId": "c"}


def test_list_of_a_category_is_a_query_of_its_index(stub: Stubber, catalogue: DynamoCatalogue) -> None:
    request = {
        "TableName": "products",
        "IndexName": "category-index",
        "KeyConditionExpression": "category = :category",
        "ExpressionAttributeValues": {":category": {"S": "toys"}},
        "ExclusiveStartKey": {"productId": {"S": "a"}, "category": {"S": "toys"}},
        "Limit": 3,
    }
    stub.add_response("query", {"Items": []}, request)
    page = catalogue.page("toys", 2, {"productId": "a"})
    assert (page.items, page.last) == ([], None)


def test_key_that_dynamodb_refuses_is_an_invalid_request(stub: Stubber, catalogue: DynamoCatalogue) -> None:
    stub.add_client_error("scan", "ValidationException")
    with pytest.raises(InvalidRequestError):
        catalogue.page(None, 2, {"productId": "a"})


def test_other_refusals_pass(stub: Stubber, catalogue: DynamoCatalogue) -> None:
    stub.add_client_error("scan", "ValidationException")
    with pytest.raises(ClientError):
        catalogue.page(None, 2, None)


def test_one_product_has_its_stock(stub: Stubber, catalogue: DynamoCatalogue) -> None:
    stub.add_response("get_item", {"Item": item("b")}, {"TableName": ANY, "Key": ANY, "ConsistentRead": True})
    stock(stub, b=7)
    assert catalogue.get("b") == {"productId": "b", "priceCents": 100, "stock": 7}


def test_missing_product_is_none(stub: Stubber, catalogue: DynamoCatalogue) -> None:
    stub.add_response("get_item", {})
    assert catalogue.get("b") is None
