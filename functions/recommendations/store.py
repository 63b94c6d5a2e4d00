"""The counts behind the recommendations, in one DynamoDB table.

| id | holds |
|---|---|
| `product#<productId>` | for each product that was bought with it, the number of orders: an attribute `+<productId>` |
| `sold#0` … `sold#15` | for each product, the number of orders: an attribute too, in the item that its id leads to |
| `order#<orderId>#<part>` | what has been done about this part of an order |

So an order of n products writes n items of neighbours, not n² pairs, and a product's scores, which depend on how often
all its neighbours were sold, come with one read. That read grows with the catalogue: about 20 bytes for each product
that was ever sold. An item holds 400 kB: 6,000 neighbours of a product with the longest ids, 20,000 with usual ones.
"""

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from zlib import crc32

from common.dynamodb import BusyError, TransactionCancelledError, batch_get, from_wire, to_wire, transact
from common.retry import retry_busy
from recommendations.domain import Group, Move, State

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

_SHARDS = 16
_COUNT = "+"
_transact = retry_busy(transact)
MAX_OF_CATEGORY = 1_000


@dataclass(frozen=True, slots=True)
class Counts:
    """What is known of one product: its category, how often others were in the same order, and all were sold."""

    category: str
    together: Mapping[str, int]
    sold: Mapping[str, int]


class Affinities(Protocol):
    """What the service needs of the counts."""

    def states(self, keys: Sequence[str]) -> Mapping[str, State]:
        """The state of each of these parts that has one."""

    def write(self, group: Group) -> None:
        """All of the group or nothing of it. Raises BusyError when a part's state is another by now."""

    def counts(self, product_id: str) -> Counts | None:
        """None when there is no such product."""

    def still_there(self, products: Sequence[str]) -> Set[str]:
        """Those of at most 100 products that have not been deleted."""

    def of_category(self, category: str) -> list[str]:
        """Its products: at most `MAX_OF_CATEGORY`, those with the lowest ids."""


class DynamoAffinities:
    """`Affinities` in the table `recommendations`, beside the catalogue in the table `products`."""

    def __init__(self, client: "DynamoDBClient", table: str, products: str) -> None:
        self._client = client
        self._table = table
        self._products = products

    def states(self, keys: Sequence[str]) -> Mapping[str, State]:
        """See `Affinities`."""
        wanted = [{"id": f"order#{key}"} for key in keys]
        found = batch_get(self._client, self._table, wanted, ["id", "state"], consistent=True)
        return {item["id"].removeprefix("order#"): State(item["state"]) for item in found}

    def write(self, group: Group) -> None:
        """See `Affinities`."""
        actions = [self._move(move) for move in group.moves]
        counts = {f"product#{product}": neighbours for product, neighbours in group.together.items()}
        for item_id, changes in (counts | _by_shard(group.sold)).items():
            if wanted := {product: change for product, change in changes.items() if change}:
                actions.append(self._add(item_id, wanted))
        try:
            _transact(self._client, actions)
        except TransactionCancelledError as error:
            raise BusyError("another delivery of the same order came first") from error

    def _move(self, move: Move) -> "TransactWriteItemTypeDef":
        values = {":after": move.after.value, **({":before": move.before.value} if move.before else {})}
        return {
            "Update": {
                "TableName": self._table,
                "Key": to_wire({"id": f"order#{move.part.key}"}),
                "UpdateExpression": "SET #state = :after",
                "ConditionExpression": "#state = :before" if move.before else "attribute_not_exists(id)",
                "ExpressionAttributeNames": {"#state": "state"},
                "ExpressionAttributeValues": to_wire(values),
            }
        }

    def _add(self, item_id: str, changes: Mapping[str, int]) -> "TransactWriteItemTypeDef":
        names = {f"#{n}": f"{_COUNT}{product}" for n, product in enumerate(changes)}
        added = ",".join(f"#{n} :{_word(change)}" for n, change in enumerate(changes.values()))
        return {
            "Update": {
                "TableName": self._table,
                "Key": to_wire({"id": item_id}),
                "UpdateExpression": f"ADD {added}",
                "ExpressionAttributeNames": names,
                "ExpressionAttributeValues": {f":{_word(change)}": {"N": str(change)} for change in changes.values()},
            }
        }

    def counts(self, product_id: str) -> Counts | None:
        """See `Affinities`. One read; the catalogue's part is consistent: a product is there when its 201 is out."""
        ids = [f"product#{product_id}", *(f"sold#{shard}" for shard in range(_SHARDS))]
        found = self._read(
            {
                self._products: {
                    "Keys": [to_wire({"productId": product_id})],
                    "ProjectionExpression": "category",
                    "ConsistentRead": True,
                },
                self._table: {"Keys": [to_wire({"id": each}) for each in ids]},
            }
        )
        products = found.get(self._products)
        if not products:
            return None
        counted = {item["id"]["S"]: _counts_in(item) for item in found.get(self._table, ())}
        together = counted.pop(ids[0], {})
        sold = {product: count for shard in counted.values() for product, count in shard.items()}
        return Counts(from_wire(products[0])["category"], together, sold)

    @retry_busy
    def _read(self, wanted: Any) -> Mapping[str, Sequence[Any]]:
        answer = self._client.batch_get_item(RequestItems=wanted)
        if answer.get("UnprocessedKeys"):
            raise BusyError("DynamoDB left keys unprocessed")
        return answer["Responses"]

    def still_there(self, products: Sequence[str]) -> Set[str]:
        """See `Affinities`. Without a read where there are none."""
        keys = [{"productId": product} for product in products]
        return {item["productId"] for item in batch_get(self._client, self._products, keys, ["productId"])}

    def of_category(self, category: str) -> list[str]:
        """See `Affinities`."""
        answer = self._client.query(
            TableName=self._products,
            IndexName="category-index",
            KeyConditionExpression="category = :category",
            ExpressionAttributeValues=to_wire({":category": category}),
            ProjectionExpression="productId",
            Limit=MAX_OF_CATEGORY,
        )
        return [item["productId"]["S"] for item in answer["Items"]]


def _by_shard(counts: Mapping[str, int]) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for product, change in counts.items():
        found.setdefault(f"sold#{crc32(product.encode()) % _SHARDS}", Counter())[product] = change
    return found


def _word(change: int) -> str:
    """The name of a number in an expression: `p2` is 2, `m1` is -1."""
    return f"{'m' if change < 0 else 'p'}{abs(change)}"


def _counts_in(item: Mapping[str, Any]) -> dict[str, int]:
    """Without the deserializer, which takes far longer for an item of thousands of numbers."""
    return {name[1:]: int(value["N"]) for name, value in item.items() if name[0] == _COUNT}
