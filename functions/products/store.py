"""Products in DynamoDB: the catalogue in one table, joined with the stock that inventory keeps in another.

An admin's edit sets both in one transaction: a product without its stock could not be ordered, and a stock that
followed by an event would come after the 201. Inventory alone takes from the stock and gives back.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import ClientError

from common.dynamodb import BusyError, TransactionCancelledError, batch_get, from_wire, to_wire, transact
from common.errors import InvalidRequestError, NotFoundError
from common.paging import Rows, rows
from common.retry import retry_busy
from products.domain import EditConflictError
from products.models import ProductRequest

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

CURSOR = ("productId",)
FIRST_VERSION = 1


class Catalogue(Protocol):
    """What the API needs of the products; they come as dicts with the names of the API."""

    def get(self, product_id: str) -> dict[str, Any] | None:
        """One product with its stock."""

    def page(self, category: str | None, limit: int, after: Mapping[str, str] | None) -> Rows:
        """At most `limit` products of one category (None: of all), after the key `after`."""

    def add(self, product_id: str, product: ProductRequest) -> dict[str, Any]:
        """Store a new product with its stock; returns it as `get` does."""

    def replace(self, product_id: str, product: ProductRequest, version: int | None) -> dict[str, Any]:
        """Make it this product, with this stock; returns it as `get` does.

        Raises NotFoundError, or EditConflictError when it no longer is `version` (None: whatever it is).
        """

    def remove(self, product_id: str) -> None:
        """Delete it with its stock. Raises NotFoundError."""


class DynamoCatalogue:
    """`Catalogue` in the tables `products` and `stock`. A product without stock item has stock 0."""

    def __init__(self, client: "DynamoDBClient", products: str, stock: str) -> None:
        self._client = client
        self._products = products
        self._stock = stock

    def get(self, product_id: str) -> dict[str, Any] | None:
        """See `Catalogue`. Read consistently: it is there, with its stock, as soon as its 201 is out."""
        found = self._find(product_id)
        return self._with_stock([found], consistent=True)[0] if found else None

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

    @retry_busy
    def add(self, product_id: str, product: ProductRequest) -> dict[str, Any]:
        """See `Catalogue`. The id is new: the SDK's own repetition is all that could write it twice."""
        transact(
            self._client,
            [
                {"Put": {"TableName": self._products, "Item": to_wire(_fields(product_id, product, FIRST_VERSION))}},
                self._stock_put(product_id, product),
            ],
        )
        return {**_fields(product_id, product, FIRST_VERSION), "stock": product.stock}

    @retry_busy
    def replace(self, product_id: str, product: ProductRequest, version: int | None) -> dict[str, Any]:
        """See `Catalogue`. What the request does not name stays. Raises BusyError when edits keep crossing."""
        found = self._find(product_id)
        if found is None:
            raise NotFoundError("There is no such product.")
        if version not in (None, found["version"]):
            raise EditConflictError("Somebody else has changed the product: read it again.")
        item = {**found, **_fields(product_id, product, found["version"] + 1)}
        put: TransactWriteItemTypeDef = {
            "Put": {
                "TableName": self._products,
                "Item": to_wire(item),
                "ConditionExpression": "version = :found",
                "ExpressionAttributeValues": to_wire({":found": found["version"]}),
            }
        }
        try:
            transact(self._client, [put, self._stock_put(product_id, product)])
        except TransactionCancelledError as error:
            raise BusyError("another edit came first") from error  # look again: it decides what this one means
        return {**item, "stock": product.stock}

    @retry_busy
    def remove(self, product_id: str) -> None:
        """See `Catalogue`."""
        key = to_wire({"productId": product_id})
        exists = "attribute_exists(productId)"
        try:
            transact(
                self._client,
                [
                    {"Delete": {"TableName": self._products, "Key": key, "ConditionExpression": exists}},
                    {"Delete": {"TableName": self._stock, "Key": key}},
                ],
            )
        except TransactionCancelledError as error:
            raise NotFoundError("There is no such product.") from error

    def _stock_put(self, product_id: str, product: ProductRequest) -> "TransactWriteItemTypeDef":
        return {"Put": {"TableName": self._stock, "Item": to_wire({"productId": product_id, "stock": product.stock})}}

    def _find(self, product_id: str) -> dict[str, Any] | None:
        key = to_wire({"productId": product_id})
        item = self._client.get_item(TableName=self._products, Key=key, ConsistentRead=True).get("Item")
        return from_wire(item) if item else None

    def _read(self, request: dict[str, Any]) -> Any:
        read = self._client.query if "IndexName" in request else self._client.scan
        try:
            return read(**request)
        except ClientError as error:
            if "ExclusiveStartKey" in request and error.response["Error"]["Code"] == "ValidationException":
                raise InvalidRequestError.of("cursor", "is not one that this list gave out") from error
            raise

    def _with_stock(self, products: list[dict[str, Any]], *, consistent: bool = False) -> list[dict[str, Any]]:
        keys = [{"productId": product["productId"]} for product in products]
        found = batch_get(self._client, self._stock, keys, ["productId", "stock"], consistent=consistent)
        stock = {item["productId"]: item["stock"] for item in found}
        return [{**product, "stock": stock.get(product["productId"], 0)} for product in products]


def _fields(product_id: str, product: ProductRequest, version: int) -> dict[str, Any]:
    """What the catalogue keeps of a request; the stock has a table of its own."""
    return {
        "productId": product_id,
        **product.model_dump(by_alias=True, exclude={"stock"}),
        "version": version,
    }
