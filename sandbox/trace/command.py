"""``make trace ORDER=…``."""

import re
from datetime import UTC, datetime, timedelta

from rich.console import Console

from bootstrap.clients import Clients
from sandbox.errors import EXIT_OK, SandboxError, UsageError
from sandbox.target import Target
from sandbox.trace import screen
from sandbox.trace.journey import journey
from sandbox.trace.lines import Logs

_ORDER_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_CLOCKS_DIFFER = timedelta(seconds=60)


class NoTraceError(SandboxError):
    """The order is there, its log lines are not."""


def run(target: Target, order_id: str, console: Console) -> int:
    """Print the journey of the order.

    Raises:
        UsageError: there is no such order.
        NoTraceError: nothing is logged of it any more.
        NotRunningError: there is no sandbox.
    """
    if not _ORDER_ID.fullmatch(order_id):
        raise UsageError("ORDER is no order's id: make order prints one, and so does POST /orders.")
    target.require_running()
    clients = Clients(target.endpoint)
    placed_at = _placed_at(clients, order_id)
    logs = Logs(clients.logs)
    lines = logs.lines(order_id, _since(placed_at))
    if not lines and placed_at is None:
        raise UsageError(f"ORDER={order_id} is unknown: the table orders has no such order, and no log tells of it.")
    if not lines:
        raise NoTraceError(
            f"The logs of the order of {placed_at} are gone: they go with make reset, after a week, and the oldest "
            "first where there are very many."
        )
    found = journey(order_id, lines, logs.invocations(lines))
    console.print(screen.heading(found))
    console.print(screen.table(found, console))
    console.print(screen.ending(found))
    return EXIT_OK


def _placed_at(clients: Clients, order_id: str) -> str | None:
    """None where the table does not know the order: it may lie in a queue."""
    try:
        answer = clients.dynamodb.get_item(
            TableName="orders", Key={"orderId": {"S": order_id}}, ProjectionExpression="placedAt"
        )
    except clients.dynamodb.exceptions.ResourceNotFoundException as error:
        raise SandboxError(f"There is no shop at {clients.endpoint}: make up creates it.") from error
    return answer["Item"]["placedAt"]["S"] if "Item" in answer else None


def _since(placed_at: str | None) -> int | None:
    if placed_at is None:
        return None
    return int((datetime.fromisoformat(placed_at).astimezone(UTC) - _CLOCKS_DIFFER).timestamp() * 1000)
