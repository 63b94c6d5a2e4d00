"""The saga of an order, as it is declared, over the services that take part: any step dies, any number of times.

The state machine is walked here as Step Functions walks it (Task with Retry and Catch, Choice); the services are real,
over stores in memory. Between any two attempts the customer may cancel, or the reservation may expire.
"""

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bootstrap.references import Arn
from bootstrap.shop_saga import definition
from common.saga import Step, take
from inventory.consumer import InventoryReactions
from inventory.domain import State
from inventory.reserving import Reserving
from inventory.saga import InventorySteps
from orders.cancelling import cancel
from orders.consumer import OrderReactions
from orders.domain import NotCancellableError, Order, Status
from orders.outbox import Outbox
from orders.saga import OrderSteps
from payments.charging import Charging
from payments.consumer import PaymentReactions
from payments.provider import SimulatedProvider
from payments.saga import PaymentSteps
from tests.unit.functions.factories import ALICE, Context, FakeAnnouncer, FakePublisher, order_event
from tests.unit.functions.inventory.memory import MemoryReservations
from tests.unit.functions.orders.memory import MemoryOrders
from tests.unit.functions.payments.memory import MemoryLedger

STATES: Mapping[str, Any] = definition()["States"]
TASKS = sorted(name for name, state in STATES.items() if state["Type"] == "Task")
PLACED = order_event()
ID = PLACED.data.order_id
NOW = "2026-11-21T10:17:30.000Z"


class DiedError(Exception):
    """The function died, before it did anything or after it did all."""


class FailedError(Exception):
    """The execution ended as FAILED: it lies in the dead-letter queue."""


@dataclass
class Plan:
    """What goes wrong. `deaths` are the fates of the attempts in turn ("": none); a step of `broken` dies each time.

    `interruptions` come before the attempt of that number.
    """

    deaths: Iterator[str] = field(default_factory=lambda: iter(()))
    broken: Mapping[str, str] = field(default_factory=dict)
    interruptions: Mapping[int, str] = field(default_factory=dict)


class World:
    """One order, and all that there is about it."""

    def __init__(self, *, token: str = "tok_ok", stock: int = 100) -> None:
        payment = PLACED.data.payment
        assert payment is not None
        data = PLACED.data.model_copy(update={"payment": payment.model_copy(update={"token": token})})
        self.placed = PLACED.model_copy(update={"data": data})
        self.orders, self.ledger, self.bus = MemoryOrders(), MemoryLedger(), FakePublisher()
        self.announcer = FakeAnnouncer()
        self.stock = {line.product_id: stock for line in data.items}
        self.reservations = MemoryReservations(self.stock)
        self.outbox = Outbox(self.orders, self.announcer, self.bus)
        self.order_reactions = OrderReactions(self.orders, self.outbox)
        self.inventory = InventoryReactions(Reserving(self.reservations, ttl_s=900), self.bus)
        charging = Charging(SimulatedProvider(self.ledger, sleep=lambda _: None))
        self.payments = PaymentReactions(charging, self.bus)
        self.steps: Mapping[str, Mapping[str, Step]] = {
            "orders": OrderSteps(self.order_reactions).by_name(),
            "inventory": InventorySteps(self.inventory.reserving).by_name(),
            "payments": PaymentSteps(charging).by_name(),
        }
        self.orders.add(Order.accepted(data, "c-1", at=NOW, now=NOW))
        self.attempts = 0

    @property
    def order(self) -> Order:
        return self.orders.orders[ID]

    def execute(self, plan: Plan) -> None:
        """Walk the state machine to its end. Raises FailedError."""
        saga: dict[str, Any] = {"order": json.loads(self.placed.to_json())}
        name: str | None = "Reserve"
        while name is not None:
            state = STATES[name]
            if state["Type"] == "Choice":
                ways = {way["StringEquals"]: way["Next"] for way in state["Choices"]}
                name = ways.get(saga["outcome"], state["Default"])
                continue
            try:
                saga, name = self._task(name, state, saga, plan), state.get("Next")
            except DiedError as error:
                if "Catch" not in state:
                    raise FailedError(name) from error
                [catch] = state["Catch"]
                saga, name = {**saga, "failure": {"Error": "Died", "Cause": str(error)}}, catch["Next"]

    def _task(self, name: str, state: Mapping[str, Any], saga: dict[str, Any], plan: Plan) -> dict[str, Any]:
        function, payload = state["Parameters"]["FunctionName"], state["Parameters"]["Payload"]
        assert isinstance(function, Arn)
        event = {"step": payload["step"], "saga": saga}
        [retry] = state["Retry"]
        for attempt in range(retry["MaxAttempts"] + 1):
            self.attempts += 1
            self._interrupt(plan.interruptions.get(self.attempts))
            fate = plan.broken.get(name) or next(plan.deaths, "")
            try:
                if fate == "before":
                    raise DiedError(name)
                done = take(event, Context(), self.steps[function.ref.name])
                if fate == "after":
                    raise DiedError(name)
                return json.loads(json.dumps(done))  # as it goes over the wire
            except DiedError:
                if attempt == retry["MaxAttempts"]:
                    raise
        raise AssertionError("a task has attempts")

    def _interrupt(self, what: str | None) -> None:
        if what == "cancel":
            self.cancel()
        elif what == "expire":
            self.expire()

    def cancel(self) -> None:
        """The customer cancels; payments and inventory hear of it later."""
        with contextlib.suppress(NotCancellableError):
            cancel(self.orders, self.outbox, ID, ALICE, "c-2", NOW)

    def expire(self) -> None:
        """The sweep of inventory asks payments for an open reservation; all hear the answer."""
        found = self.reservations.reservations.get(ID)
        if found is not None and found.due_at is not None:
            self.inventory.not_paid_in_time([found])
        self.settle()

    def settle(self) -> None:
        """Everybody hears what is on the bus, until nothing new is said."""
        seen = 0
        while seen < len(self.bus.published):
            kind, event = self.bus.published[seen]
            seen += 1
            for reactions in (self.order_reactions.by_type(), self.inventory.by_type(), self.payments.by_type()):
                if reaction := reactions.get(kind):
                    reaction(event)

    @property
    def held(self) -> State:
        """The state of the reservation; RELEASED where there is none, for nothing is held."""
        found = self.reservations.reservations.get(ID)
        return found.state if found else State.RELEASED

    def check(self) -> None:
        """Stock, money and status agree; they are final."""
        status, balance = self.order.status, self.ledger.balance(ID)
        if status is Status.CONFIRMED:
            assert (balance, self.held) == (self.order.total_cents, State.SOLD)
            assert self.reservations.stock != self.stock
        else:
            assert status in (Status.REJECTED, Status.CANCELLED)
            self.check_nothing_is_taken()
        told = set(self.announcer.stages())
        assert not {"confirmed", "rejected"} <= told
        assert (status is Status.CONFIRMED) <= ("confirmed" in told)
        assert (status is Status.REJECTED) == ("rejected" in told)

    def check_nothing_is_taken(self) -> None:
        """Neither money nor stock."""
        assert (self.ledger.balance(ID), self.held in (State.RELEASED, State.REJECTED)) == (0, True)
        assert self.reservations.stock == self.stock


def test_happy_path_is_told_stage_by_stage() -> None:
    world = World()

    world.execute(Plan())

    world.check()
    assert world.order.status is Status.CONFIRMED
    assert world.announcer.stages() == ["stock-reserved", "payment-captured", "confirmed"]
    assert world.order.outbox is None
    assert world.attempts == 5
    assert world.bus.published == []


@pytest.mark.parametrize(
    ("world", "reason", "attempts"),
    [
        (lambda: World(stock=0), "OUT_OF_STOCK", 2),
        (lambda: World(token="tok_declined"), "PAYMENT_DECLINED", 5),
    ],
)
def test_what_cannot_be_is_rejected(world: Callable[[], World], reason: str, attempts: int) -> None:
    rejected = world()

    rejected.execute(Plan())

    rejected.check()
    assert (rejected.order.status, rejected.order.reason) == (Status.REJECTED, reason)
    assert rejected.announcer.stages()[-1] == "rejected"
    assert rejected.attempts == attempts


FORTH = ("Reserve", "Note", "Charge", "Confirm")


@pytest.mark.parametrize("fate", ["before", "after"])
@pytest.mark.parametrize("step", FORTH)
def test_step_that_fails_for_good_is_taken_back(step: str, fate: str) -> None:
    """Not where it is Confirm that did all but answer: then it turns out to be confirmed."""
    world = World()

    world.execute(Plan(broken={step: fate}))

    world.check()
    confirmed = (step, fate) == ("Confirm", "after")
    assert world.order.status is (Status.CONFIRMED if confirmed else Status.REJECTED)
    reason = "OUT_OF_STOCK" if step == "Reserve" else "PAYMENT_DECLINED"
    assert world.order.reason == (None if confirmed else reason)


@pytest.mark.parametrize("step", TASKS)
def test_step_that_dies_once_is_taken_again(step: str) -> None:
    for fate in ("before", "after"):
        world = World(token="tok_declined" if step in ("Release", "Reject") else "tok_ok")
        broken: dict[str, str] = {step: fate}

        class Once(dict[str, str]):
            def get(self, name: str, default: Any = None) -> Any:
                return self.pop(name, default)

        world.execute(Plan(broken=Once(broken)))
        world.check()


@settings(deadline=None)
@example([], {"Charge": "after", "Refund": "before"}, {}, "tok_ok", 100, "expiry alone")
@example([], {"Confirm": "before", "Refund": "before"}, {}, "tok_ok", 100, "expiry alone")
@example([], {"Confirm": "before", "Refund": "after"}, {}, "tok_ok", 100, "expiry alone")
@given(
    deaths=st.lists(st.sampled_from(["", "", "before", "after"]), max_size=40),
    broken=st.dictionaries(st.sampled_from(TASKS), st.sampled_from(["before", "after"]), max_size=3),
    interruptions=st.dictionaries(st.integers(1, 20), st.sampled_from(["cancel", "expire"]), max_size=2),
    token=st.sampled_from(["tok_ok", "tok_declined"]),
    stock=st.sampled_from([0, 100]),
    mended_by=st.sampled_from(["redrive", "expiry then redrive", "expiry alone"]),
)
def test_whatever_dies_stock_and_money_agree_with_the_order(
    deaths: list[str],
    broken: dict[str, str],
    interruptions: dict[int, str],
    token: str,
    stock: int,
    mended_by: str,
) -> None:
    world = World(token=token, stock=stock)
    try:
        world.execute(Plan(iter(deaths), broken, interruptions))
    except FailedError:
        if mended_by != "redrive":
            world.expire()
        if mended_by != "expiry alone":
            world.execute(Plan())
        elif world.order.status is Status.PENDING:
            world.check_nothing_is_taken()
            return
    world.settle()

    world.check()
    assert world.ledger.balance(ID) in (0, world.order.total_cents)
    assert min(world.reservations.stock.values()) >= 0
