"""Orders in DynamoDB are what the unit tests take them for: the store in memory, step by step."""

import uuid

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from common.events import Line, OrderData, Payment, Reason
from orders.domain import Cancellation, Order, Status
from orders.store import DynamoOrders, OrderMissingError
from tests.unit.functions.orders.memory import MemoryOrders

# Far ahead, so that nothing comes due: the stack's own sweep looks at the same table.
AT = "2100-01-01T10:15:30.000Z"
TIMES = st.integers(0, 59).map(lambda second: f"2100-01-01T10:16:{second:02}.000Z")
NOTED = st.dictionaries(st.sampled_from(["accepted", "stock-reserved", "payment-captured"]), TIMES, min_size=1)
ENDS = st.sampled_from(
    [
        (Status.CONFIRMED, None),
        (Status.REJECTED, Reason.OUT_OF_STOCK),
        (Status.REJECTED, Reason.PAYMENT_DECLINED),
    ]
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add")),
        st.tuples(st.sampled_from(["note", "advance"]), NOTED),
        st.tuples(st.just("finish"), ENDS, NOTED),
        st.tuples(st.just("cancel"), st.sampled_from(["alice", "alice", "bob"]), st.sampled_from("ab"), TIMES),
        st.tuples(st.just("told")),
        st.tuples(st.just("postpone"), TIMES),
    ),
    min_size=2,
    max_size=8,
)


CANCEL = ("cancel", "alice", "a", AT)
RESERVED = {"stock-reserved": AT}


def order(order_id):
    data = OrderData(
        order_id=order_id,
        customer_id="alice",
        customer_email="alice@example.com",
        items=(Line(product_id="p1", quantity=1, price_cents=100),),
        total_cents=100,
        payment=Payment(method="card", token="tok_ok"),
    )
    return Order.accepted(data, "corr-1", at=AT, now=AT)


def take(store, order_id, step, seen):
    """One step; `seen` is the order that whoever acts has read before."""
    name, *arguments = step
    try:
        match name:
            case "add":
                return store.add(order(order_id))
            case "finish":
                (status, reason), stages = arguments
                return store.finish(order_id, status, reason, stages)
            case "cancel":
                customer, by, at = arguments
                return store.cancel(order_id, customer, Cancellation(id=by, correlation_id=by, at=at), at)
            case "told":
                return seen and store.told(seen)
            case "postpone":
                return seen and store.postpone(seen, *arguments)
            case _:
                return getattr(store, name)(order_id, *arguments)
    except OrderMissingError:
        return "missing"


@pytest.mark.usefixtures("stack")
def test_both_stores_answer_alike(aws):
    real = DynamoOrders(aws("dynamodb"), "orders")

    @settings(max_examples=60, deadline=None)
    @given(st.sampled_from([False, False, False, True]), STEPS, st.sets(st.integers(0, 7)))
    @example(False, [CANCEL, ("advance", RESERVED)], set())
    @example(False, [CANCEL, ("finish", (Status.CONFIRMED, None), RESERVED)], set())
    @example(False, [("finish", (Status.CONFIRMED, None), RESERVED), CANCEL, ("told",), CANCEL], {2})
    @example(False, [("told",), CANCEL, ("told",)], {1, 2})
    def check(is_missing, steps, looks):
        order_id, memory = f"store-{uuid.uuid4()}", MemoryOrders()
        seen = None
        for number, step in enumerate(steps if is_missing else [("add",), *steps]):
            if number in looks:
                seen = memory.get(order_id)
            assert take(real, order_id, step, seen) == take(memory, order_id, step, seen)
            assert real.get(order_id) == memory.get(order_id)

    check()
