"""Products in DynamoDB: the catalogue in one table, joined with the stock that inventory keeps in another."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import ClientError

from common.dynamodb import batch_get, from_wire, to_wire
from common.errors import InvalidRequestError
from common.paging import Rows, rows

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CURSOR = ("productId",)


class Catalogue(Protocol):
    """What the API needs of the products; they come as dicts with the names of the API."""

    def get(self, product_id: str) -> dict[str, Any] | None:
        """One product with its stock."""

    def page(self, category: str | None, limit: int, after: Mapping[str, str] | None) -> Rows:
        """At most `limit` products of one category (None: of all), after the key `after`."""


class DynamoCatalogue:
    """`Catalogue` in the tables `products` and `stock`. A product without stock item has stock 0."""

    def __init__(self, client: "DynamoDBClient", products: str, stock: str) -> None:
        self._client = client
        self._products = products
        self._stock = stock

    def get(self, product_id: str) -> dict[str, Any] | None:
        """See `Catalogue`. The product is read consistently: it is there as soon as its 201 is out."""
        key = to_wire({"productId": product_id})
        item = self._client.get_item(TableName=self._products, Key=key, ConsistentRead=True).get("Item")
        return self._with_stock([from_wire(item)])[0] if item else None

    def page(self, category: str | None, limit: int, after: Mapping[str, str] | None) -> Rows:
        """See `Catalogue`. Raises InvalidRequestError when DynamoDB does not take `after` as a key."""
        request: dict[str, Any] = {"TableName": self._products, "Limit": limit + 1}
        start = dict(after) if after else None
        if category is not None:
            request |= {
                "IndexName": "category-index",
                "KeyConditionExpression": "category = :category",
                "ExpressionAttributeValues": to_wire({":category": category}),
            }
            start = start and {**start, "category": category}
        if start:
            request["ExclusiveStartKey"] = to_wire(start)
        answer = self._read(request)
        found = [from_wire(item) for item in answer["Items"]]
        page = rows(found, more="LastEvaluatedKey" in answer, limit=limit, names=CURSOR)
        return Rows(self._with_stock(page.items), page.last)

    def _read(self, request: dict[str, Any]) -> Any:
        read = self._client.query if "IndexName" in request else self._client.scan
        try:
            return read(**request)
        except ClientError as error:
            if "ExclusiveStartKey" in request and error.response["Error"]["Code"] == "ValidationException":
                raise InvalidRequestError.of("cursor", "is not one that this list gave out") from error
            raise

    def _with_stock(self, products: list[dict[str, Any]]) -> list[dict[str, Any]]:
        keys = [{"productId": product["productId"]} for product in products]
        found = batch_get(self._client, self._stock, keys, ["productId", "stock"])
        stock = {item["productId"]: item["stock"] for item in found}
        return [{**product, "stock": stock.get(product["productId"], 0)} for product in products]
