"""Each time that a cart is left is told, whatever dies or happens at once; a cart that is not left, never."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from cart.domain import EmptyCartError, NotInCartError, Waiting
from cart.reminding import MAX_CARTS, Reminding
from cart.shopping import Shopping
from common import clock
from common.events import CartEvent, Payment
from tests.unit.functions.cart.memory import ABANDONED_AFTER_S, MemoryCarts, MemoryCustomers, MemoryPrices
from tests.unit.functions.cart.test_checkout import LIVES, LONG, PRODUCTS, DeathError, Mortal
from tests.unit.functions.factories import ACCEPTED_AT, ALICE, FakePublisher

PAYMENT = Payment(method="card", token="tok_ok")
MEANWHILE = st.lists(st.sampled_from(["check_out", "put", "remove", "sweep"]), max_size=3)
LATER = clock.after(ACCEPTED_AT, ABANDONED_AFTER_S)
JUST_BEFORE = clock.after(ACCEPTED_AT, ABANDONED_AFTER_S - 0.001)


def enough() -> int:
    """What is left of the invocation, in milliseconds."""
    return 5000


def versions(told: FakePublisher[CartEvent]) -> list[tuple[str, int]]:
    """What was told: whose cart, as it was at which version."""
    return [(event.data.customer_id, event.data.cart_version) for _, event in told.published]


def test_cart_that_is_left_is_told_once_and_stays(
    reminding: Reminding, carts: MemoryCarts, told: FakePublisher[CartEvent]
) -> None:
    carts.put("alice", "p1", 2, ACCEPTED_AT)
    carts.put("alice", "p2", 1, ACCEPTED_AT)
    assert reminding.sweep(JUST_BEFORE, enough) == 0
    assert reminding.sweep(LATER, enough) == 1
    assert reminding.sweep(clock.after(LATER, 30 * 86_400), enough) == 0
    ((kind, event),) = told.published
    assert kind == "CartAbandoned"
    assert event.data.model_dump(by_alias=True) == {
        "customerId": "alice",
        "customerEmail": "alice@example.com",
        "cartVersion": 2,
        "items": (
            {"productId": "p1", "quantity": 2, "priceCents": 101},
            {"productId": "p2", "quantity": 1, "priceCents": 102},
        ),
        "totalCents": 304,
    }
    assert carts.get("alice").quantities == {"p1": 2, "p2": 1}


def test_cart_that_is_changed_and_left_again_is_told_again(
    reminding: Reminding, carts: MemoryCarts, told: FakePublisher[CartEvent]
) -> None:
    carts.put("alice", "p1", 2, ACCEPTED_AT)
    reminding.sweep(LATER, enough)
    carts.put("alice", "p1", 3, LATER)
    reminding.sweep(clock.after(LATER, ABANDONED_AFTER_S), enough)
    assert versions(told) == [("alice", 1), ("alice", 2)]
    assert len({event.metadata.correlation_id for _, event in told.published}) == 2


def test_nothing_is_told_of_a_cart_without_anything_to_buy(
    reminding: Reminding, carts: MemoryCarts, prices: MemoryPrices, told: FakePublisher[CartEvent]
) -> None:
    carts.put("alice", "p1", 2, ACCEPTED_AT)
    carts.remove("alice", ["p1"], ACCEPTED_AT)
    carts.put("bob", "p2", 2, ACCEPTED_AT)
    del prices.prices["p2"]
    assert reminding.sweep(LATER, enough) == 0
    assert (told.published, carts.waiting) == ([], {})


def test_nothing_is_told_of_a_customer_who_is_gone(
    reminding: Reminding, carts: MemoryCarts, customers: MemoryCustomers, told: FakePublisher[CartEvent]
) -> None:
    for name in ("alice", "bob"):
        carts.put(name, "p1", 2, ACCEPTED_AT)
    del customers.addresses["alice"]
    assert reminding.sweep(LATER, enough) == 1
    assert (versions(told), carts.waiting) == ([("bob", 1)], {})


def test_what_cannot_be_told_comes_due_again_with_the_same_words(
    reminding: Reminding, carts: MemoryCarts, told: FakePublisher[CartEvent], log_lines: list[dict[str, Any]]
) -> None:
    carts.put("alice", "p1", 2, ACCEPTED_AT)
    told.failures = 1
    assert reminding.sweep(LATER, enough) == 0
    assert [line["level"] for line in log_lines] == ["ERROR"]
    assert reminding.sweep(LATER, enough) == 0
    assert reminding.sweep(clock.after(LATER, 600), enough) == 1
    assert versions(told) == [("alice", 1)]


def test_a_bad_batch_does_not_hold_the_others(
    reminding: Reminding, carts: MemoryCarts, customers: MemoryCustomers, told: FakePublisher[CartEvent]
) -> None:
    for number in range(11):
        carts.put(f"c{number:02}", "p1", 1, clock.after(ACCEPTED_AT, number))
        customers.addresses[f"c{number:02}"] = "c@example.com"
    told.failures = 1
    assert reminding.sweep(clock.after(LATER, 60), enough) == 1
    assert versions(told) == [("c10", 1)]


def test_a_sweep_is_bounded_and_ends_before_its_time_is_up(
    reminding: Reminding, carts: MemoryCarts, customers: MemoryCustomers
) -> None:
    for number in range(MAX_CARTS + 5):
        carts.put(f"c{number}", "p1", 1, ACCEPTED_AT)
        customers.addresses[f"c{number}"] = "c@example.com"
    assert reminding.sweep(LATER, lambda: 1000) == 0
    assert reminding.sweep(LATER, enough) == MAX_CARTS
    assert reminding.sweep(LATER, enough) == 5


@pytest.mark.parametrize("change", ["put", "check_out", "sweep"])
def test_cart_that_another_was_faster_with_is_not_told(
    reminding: Reminding, shopping: Shopping, carts: MemoryCarts, told: FakePublisher[CartEvent], change: str
) -> None:
    carts.put("alice", "p1", 2, ACCEPTED_AT)
    (found,) = carts.overdue(LATER, 10)
    if change == "put":
        carts.put("alice", "p1", 3, LATER)
    elif change == "check_out":
        shopping.check_out(ALICE, PAYMENT, "corr-1", LATER)
    else:
        reminding.sweep(LATER, enough)
    before = len(told.published)
    late = Reminding(_Found(carts, found), reminding.customers, reminding.prices, told)  # type: ignore[arg-type]
    assert late.sweep(LATER, enough) == 0
    assert len(told.published) == before


class _Found:
    """The carts, of which a sweep had found `found` a moment ago."""

    def __init__(self, carts: MemoryCarts, found: Waiting) -> None:
        self.found = found
        self.claim = carts.claim
        self.done = carts.done

    def overdue(self, now: str, limit: int) -> list[Waiting]:
        return [self.found]


class Leaving(RuleBasedStateMachine):
    """One customer, and sweeps that die and overlap with what the customer does."""

    def __init__(self) -> None:
        super().__init__()
        self.carts, self.prices, self.customers = MemoryCarts(), MemoryPrices(), MemoryCustomers()
        self.told: FakePublisher[CartEvent] = FakePublisher()
        self.now = self.changed_at = ACCEPTED_AT
        self.left: set[int] = set()  # versions that were left for long enough, with something in them

    @rule(seconds=st.sampled_from([0.001, 60, 600, ABANDONED_AFTER_S - 1, ABANDONED_AFTER_S]))
    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.now = clock.after(self.now, seconds)
        cart = self.carts.get("alice")
        if cart.quantities and self.now >= clock.after(self.changed_at, ABANDONED_AFTER_S):
            self.left.add(cart.version)

    @rule(product=PRODUCTS)
    def put(self, product: str = "p1") -> None:
        """A change."""
        self.carts.put("alice", product, 1, self.now)
        self.changed_at = self.now

    @rule(product=PRODUCTS)
    def remove(self, product: str = "p1") -> None:
        """Another."""
        with suppress(NotInCartError):
            self.carts.remove("alice", [product], self.now)
            self.changed_at = self.now

    @rule()
    def check_out(self) -> None:
        """The cart is bought."""
        shopping = Shopping(self.carts, self.carts, self.prices, FakePublisher())
        with suppress(EmptyCartError):
            shopping.check_out(ALICE, PAYMENT, "corr-1", self.now)

    @rule(life=LIVES, meanwhile=MEANWHILE)
    def sweep(self, life: int = LONG, meanwhile: tuple[str, ...] = ()) -> None:
        """A sweep; other things happen, whole, between its look at the index and its claims."""
        store = _Interrupted(self.carts, lambda: [getattr(self, name)() for name in meanwhile])
        left = [life]
        waiting: Any = Mortal(store, left)
        bus: Any = Mortal(self.told, left)
        with suppress(DeathError):
            Reminding(waiting, self.customers, self.prices, bus).sweep(self.now, enough)

    @invariant()
    def only_what_was_left_is_told(self) -> None:
        """And always in the same words."""
        told = {version for _, version in versions(self.told)}
        assert told <= self.left
        assert len({event.to_json() for _, event in self.told.published}) == len(told)

    def teardown(self) -> None:
        """Sweeps that live tell of the cart as it is, if it is left; then there is nothing to do."""
        self.now = clock.after(self.now, 600)
        self.wait(0)
        self.sweep()
        current = self.carts.get("alice").version
        told = [version for _, version in versions(self.told)]
        assert (current in told) == (current in self.left)
        self.sweep()
        assert [version for _, version in versions(self.told)] == told


class _Interrupted:
    """Carts with something that happens after the look at the index."""

    def __init__(self, carts: MemoryCarts, interrupt: Any) -> None:
        self._carts = carts
        self._interrupt = interrupt
        self.claim = carts.claim
        self.done = carts.done

    def overdue(self, now: str, limit: int) -> list[Waiting]:
        found = self._carts.overdue(now, limit)
        self._interrupt()
        return found


TestLeaving = Leaving.TestCase
TestLeaving.settings = settings(stateful_step_count=20, deadline=None, max_examples=50)
