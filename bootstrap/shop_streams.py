"""What the shop's services hear of changes in the table `orders`, without anybody publishing them."""

from bootstrap.references import Kind, Ref
from bootstrap.resources import Resource, Statement
from bootstrap.shop_services import allow, kept_longest, table_ref
from bootstrap.streams import StreamMapping

_CONFIRMED = ["CONFIRMED"]
_ANYTHING_ELSE = [{"anything-but": _CONFIRMED}]


def _status(before: object, after: object) -> dict[str, object]:
    return {"dynamodb": {"OldImage": {"status": {"S": before}}, "NewImage": {"status": {"S": after}}}}


# Many orders in one invocation and one write; what follows them may take ten seconds.
_WINDOW_S = 2

SALES = (_status(_ANYTHING_ELSE, _CONFIRMED), _status(_CONFIRMED, _ANYTHING_ELSE))
"""The records of an order that becomes CONFIRMED, and of one that no longer is: at most one of each."""


def sales_consumer(function: str) -> tuple[Resource, ...]:
    """`function` gets the records of `SALES`, and the queue `<function>-stream-dlq` is told of those that failed."""
    dead_letters = dead_letters_of_stream(function)
    orders, consumer = table_ref("orders"), Ref(Kind.FUNCTION, function)
    mapping = StreamMapping(orders, consumer, dead_letters, SALES, maximum_batching_window=_WINDOW_S)
    return (kept_longest(dead_letters), mapping)


def dead_letters_of_stream(function: str) -> Ref:
    return Ref(Kind.QUEUE, f"{function}-stream-dlq")


def allow_consuming_sales(function: str) -> tuple[Statement, ...]:
    """What the role of `function` needs for `sales_consumer`: Lambda reads and reports with it."""
    return (
        allow_reading_stream(table_ref("orders")),
        allow(dead_letters_of_stream(function), "sqs:SendMessage"),
    )


def allow_reading_stream(table: Ref) -> Statement:
    """A stream's ARN ends in the time at which it was turned on."""
    return allow(
        table.arn("/stream/*"),
        "dynamodb:DescribeStream",
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
        "dynamodb:ListStreams",
    )
