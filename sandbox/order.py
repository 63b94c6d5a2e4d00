"""``make order``: one real order and its way through the stack."""

import time
from datetime import UTC, datetime
from typing import Any

from rich.console import Console

from bootstrap.clients import Clients
from bootstrap.flows import Flow
from bootstrap.shop_saga import ATTEMPTS, ATTEMPTS_BACK, DEAD_LETTERS
from sandbox import endpoint_gaps, flows
from sandbox.errors import EXIT_FAILED, EXIT_OK
from sandbox.shop_client import ShopClient
from sandbox.target import Target

_FINAL = {"CONFIRMED", "REJECTED", "CANCELLED"}
_TIMEOUT_S = 30.0


def place(target: Target, console: Console, flow: Flow | None = None) -> int:
    """Place an order of two products and print its timeline; the exit code says whether it reached a final status.

    Raises:
        UsageError: the stack's orders do not go by ``flow``.
        NotRunningError: there is no sandbox.
    """
    target.require_running()
    flows.require(target.endpoint, flow)
    shop = ShopClient(target.api_url)
    shop.log_in()
    items = [{"productId": product["productId"], "quantity": 1} for product in shop.in_stock(2)]
    sent = datetime.now(UTC)
    started = time.monotonic()
    accepted = shop.place_order(items, "tok_ok")
    answered_ms = (time.monotonic() - started) * 1000
    order_id = accepted["orderId"]
    console.print(f"Order [bold]{order_id}[/], {len(items)} products, {accepted['totalCents'] / 100:.2f}")
    console.print(f"  {answered_ms:7.0f} ms  202 from POST /orders")
    order = shop.order_once(order_id, "notified", _TIMEOUT_S)
    for line in timeline(order, sent):
        console.print(line)
    if order["status"] not in _FINAL:
        console.print(
            f"[red]Still {order['status']} after {_TIMEOUT_S:.0f} s.[/] See make status and make logs; "
            f"{what_fails(flows.of(Clients(target.endpoint)))}."
        )
        return EXIT_FAILED
    mail = endpoint_gaps.mail_url(target)
    console.print(f"[green]{order['status']}[/]{f'; the mail lies at {mail}' if mail else ''}")
    console.print(f"[dim]make trace ORDER={order_id} prints its whole journey.[/]")
    return EXIT_OK


def what_fails(flow: Flow | None) -> str:
    """How often a part of an order is tried, and where it lies then."""
    if flow is Flow.SAGA:
        often = f"{ATTEMPTS} to {ATTEMPTS_BACK} times again, at most half a minute apart"
        then = f"then the saga takes back what it did, or lies in {DEAD_LETTERS.name} (make dlq)"
        return f"a step of the saga that fails is tried {often}; {then}"
    return "a message that fails three times, up to a minute apart, then lies in make dlq"


def timeline(order: dict[str, Any], sent: datetime) -> list[str]:
    """A line a stage: milliseconds since ``sent``, and since the stage before."""
    lines = []
    before = sent
    for entry in order["timeline"]:
        at = datetime.fromisoformat(entry["at"])
        lines.append(f"  {_ms(at - sent):7.0f} ms  {entry['stage']:<17} +{_ms(at - before):.0f} ms")
        before = at
    return lines


def _ms(delta: Any) -> float:
    return float(delta.total_seconds() * 1000)
