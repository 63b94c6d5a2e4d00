"""What the store asks of DynamoDB."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import ANY, Stubber

from common.errors import InvalidRequestError, NotFoundError
from products.domain import EditConflictError
from products.models import ProductRequest
from products.store import DynamoCatalogue

KETTLE = ProductRequest.model_validate(
    {"name": "Kettle", "category": "kitchen", "priceCents": 1999, "stock": 5, "description": "Hot."}
)


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


def stored(version: int, **more: Any) -> dict[str, Any]:
    """GetItem's answer: a kettle in this version."""
    fields = {
        "productId": {"S": "b"},
        "name": {"S": "Kettle"},
        "category": {"S": "kitchen"},
        "priceCents": {"N": "1999"},
        "description": {"S": "Hot."},
    }
    return {"Item": {**fields, "version": {"N": str(version)}, **more}}


STOCK = {"Put": {"TableName": "stock", "Item": {"productId": {"S": "b"}, "stock": {"N": "5"}}}}


def transaction(*actions: dict[str, Any]) -> dict[str, Any]:
    """The expected request."""
    return {"TransactItems": list(actions)}


def refused(stub: Stubber, *codes: str) -> None:
    """The next transaction is cancelled."""
    stub.add_client_error(
        "transact_write_items",
        "TransactionCanceledException",
        modeled_fields={"CancellationReasons": [{"Code": code} for code in codes]},
    )


def put(version: int, **more: Any) -> dict[str, Any]:
    """The product's half of a replacement."""
    return {
        "Put": {
            "TableName": "products",
            "Item": stored(version, **more)["Item"],
            "ConditionExpression": "version = :found",
            "ExpressionAttributeValues": {":found": {"N": str(version - 1)}},
        }
    }


def test_product_and_its_stock_are_added_together(stub: Stubber, catalogue: DynamoCatalogue) -> None:
    product = {"Put": {"TableName": "products", "Item": stored(1)["Item"]}}
    stub.add_response("transact_write_items", {}, transaction(product, STOCK))
    assert catalogue.add("b", KETTLE)["stock"] == 5


def test_replacement_keeps_what_it_does_not_name(stub: Stubber, catalogue: DynamoCatalogue) -> None:
    thumbnail = {"thumbnailUrl": {"S": "http://127.0.0.1/t.png"}}
    stub.add_response("get_item", stored(4, **thumbnail))
    stub.add_response("transact_write_items", {}, transaction(put(5, **thumbnail), STOCK))
    replaced = catalogue.replace("b", KETTLE, 4)
    assert (replaced["version"], replaced["thumbnailUrl"], replaced["stock"]) == (5, "http://127.0.0.1/t.png", 5)


def test_replacement_of_an_older_version_is_a_conflict(stub: Stubber, catalogue: DynamoCatalogue) -> None:
    stub.add_response("get_item", stored(4))
    with pytest.raises(EditConflictError):
        catalogue.replace("b", KETTLE, 3)


def test_replacement_overtaken_by_another_is_a_conflict(stub: Stubber, catalogue: DynamoCatalogue) -> None:
    stub.add_response("get_item", stored(4))
    refused(stub, "ConditionalCheckFailed", "None")
    stub.add_response("get_item", stored(5))
    with pytest.raises(EditConflictError):
        catalogue.replace("b", KETTLE, 4)


def test_replacement_of_any_version_follows_the_one_that_overtook_it(stub: Stubber, catalogue: DynamoCatalogue) -> None:
    stub.add_response("get_item", stored(4))
    refused(stub, "ConditionalCheckFailed", "None")
    stub.add_response("get_item", stored(5))
    stub.add_response("transact_write_items", {}, transaction(put(6), STOCK))
    assert catalogue.replace("b", KETTLE, None)["version"] == 6


def test_replacing_or_removing_what_is_not_there_is_not_found(stub: Stubber, catalogue: DynamoCatalogue) -> None:
    stub.add_response("get_item", {})
    with pytest.raises(NotFoundError):
        catalogue.replace("b", KETTLE, None)
    refused(stub, "ConditionalCheckFailed", "None")
    with pytest.raises(NotFoundError):
        catalogue.remove("b")
