"""What the load test makes of the shop's own messages: through each door, each hop of an order is split."""

import time
import uuid
from collections.abc import Iterator

import pytest

from bootstrap.flows import Flow
from loadtests import cold_starts
from loadtests.hops import PARTS, Hop, split
from loadtests.orders import Order, OrderBook
from loadtests.records import Placed
from tests.waiting import until

pytestmark = pytest.mark.both_flows

CONFIRMED = {
    Flow.CHOREOGRAPHY: ["orders", "inventory", "payments", "orders", "notifications", "orders"],
    Flow.SAGA: ["orders", "inventory", "orders", "payments", "orders", "notifications", "orders"],
}
DOORS = {
    "direct": ("/orders", "orderId", []),
    "checkout": ("/cart/checkout", "orderId", ["cart"]),
    "queue": ("/async/orders", "messageId", []),
}


def _hops(order: Order, inits_ms: dict[str, float]) -> Iterator[Hop]:
    """Each is split, into parts that add up to it: into none where it took less than the stamps' millisecond."""
    whole = dict(order.hops_ms())
    for hop in split(order, inits_ms):
        assert hop.parts is not None, (hop.name, order)
        assert hop.parts.keys() <= set(PARTS)
        assert sum(hop.parts.values()) == pytest.approx(whole[hop.name], abs=0.01)
        yield hop


@pytest.mark.parametrize("door", DOORS)
def test_every_hop_of_an_order_is_split(flow, wire, register, product, door):
    path, name, before = DOORS[door]
    buyer, prefix = register(), f"test-{uuid.uuid4().hex[:8]}-"
    items = [{"productId": product(1), "quantity": 1}]
    buyer.call("PUT", f"/cart/items/{items[0]['productId']}", {"quantity": 1})
    body = {"payment": {"method": "card", "token": "tok_ok"}} | ({} if door == "checkout" else {"items": items})

    sent = time.time()
    answer = buyer.call("POST", path, body, headers={"X-Correlation-Id": f"{prefix}1"})
    order = _heard(wire, Placed(f"{prefix}1", sent, sent, time.time(), answer.status_code, answer.json()[name]))

    assert [leg.function for leg in order.via] == [*before, *CONFIRMED[flow]]
    hops = {hop.name: hop.parts for hop in _hops(order, {})}
    assert list(hops) == [
        "sent→accepted",
        "accepted→stock-reserved",
        "stock-reserved→payment-captured",
        "payment-captured→confirmed",
        "confirmed→notified",
    ]
    assert "api" in hops["sent→accepted"]


def test_rejected_order_is_split(wire, register, product):
    prefix, sent = f"test-{uuid.uuid4().hex[:8]}-", time.time()
    answer = register().place((product(0), 1), X_Correlation_Id=f"{prefix}1")
    order = _heard(wire, Placed(f"{prefix}1", sent, sent, time.time(), 202, answer.json()["orderId"]))
    assert (order.status, order.out_of_order) == ("REJECTED", False)
    assert [leg.function for leg in order.via] == ["orders", "inventory", "orders", "notifications", "orders"]
    assert [hop.name for hop in _hops(order, {})] == ["sent→accepted", "accepted→rejected", "rejected→notified"]


def test_cold_start_is_told_by_the_invocation_s_report(aws, wire, register, product):
    """The function's environments go with a change of its configuration; the next order starts a new one."""
    buyer, item, before = register(), product(1), time.time()
    settings = aws("lambda").get_function_configuration(FunctionName="payments")["Environment"]
    changed = {"Variables": settings["Variables"] | {"COLD": uuid.uuid4().hex}}
    aws("lambda").update_function_configuration(FunctionName="payments", Environment=changed)
    aws("lambda").get_waiter("function_updated_v2").wait(FunctionName="payments")
    try:
        prefix, sent = f"test-{uuid.uuid4().hex[:8]}-", time.time()
        answer = buyer.place((item, 1), X_Correlation_Id=f"{prefix}1")
        order = _heard(wire, Placed(f"{prefix}1", sent, sent, time.time(), 202, answer.json()["orderId"]))
    finally:
        aws("lambda").update_function_configuration(FunctionName="payments", Environment=settings)
    (paid,) = [leg for leg in order.via if leg.function == "payments"]
    inits_ms = until(lambda: paid.request_id in (found := _inits(aws, before)) and found)
    parts = {hop.name: hop.parts for hop in _hops(order, inits_ms)}["stock-reserved→payment-captured"]
    assert 0 < parts["cold_start"] <= inits_ms[paid.request_id] + 0.01


def _inits(aws, since: float) -> dict[str, float]:
    return cold_starts.inits_ms(aws("logs"), {"payments", "no-such-function"}, since, time.time()) or {}


def _heard(wire, placed: Placed) -> Order:
    """The order, when its mail is out."""
    book = OrderBook(placed.correlation_id.removesuffix("1"))
    order = book.place(placed)

    def hear() -> bool:
        for message in wire.announcements(placed.correlation_id):
            book.hear(message)
        return "notified" in order.stages

    until(hear)
    return order
