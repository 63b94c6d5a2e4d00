"""A cart becomes an order exactly once, whatever happens at once and wherever a function dies."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from cart.domain import Cart, Checkout, EmptyCartError, NotInCartError
from cart.shopping import Shopping
from common import clock
from common.events import OrderEvent, Payment
from common.outbox import sweep
from tests.unit.functions.cart.memory import MemoryCarts, MemoryPrices
from tests.unit.functions.factories import ACCEPTED_AT, ALICE, FakePublisher

PAYMENT = Payment(method="card", token="tok_ok")
LONG = 999
PRODUCTS = st.sampled_from(["p1", "p2", "p3"])
LIVES = st.integers(0, 10) | st.just(LONG)
MEANWHILE = st.lists(st.sampled_from(["check_out", "put", "remove", "sweep"]), min_size=2, max_size=4) | st.just([])


class DeathError(BaseException):
    """The function is gone: no `except Exception` stops it."""


class Mortal:
    """What a function calls, until its life ends: `left` counts a moment before and one after each call."""

    def __init__(self, real: object, left: list[int]) -> None:
        self._real = real
        self._left = left

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._real, name)

        def call(*arguments: object) -> Any:
            self._pass()
            result = method(*arguments)
            self._pass()
            return result

        return call

    def _pass(self) -> None:
        if self._left[0] == 0:
            raise DeathError
        self._left[0] -= 1


@dataclass
class Sold(MemoryCarts):
    """Carts that remember which version of the cart became which checkout."""

    sold: dict[int, tuple[Cart, Checkout]] = field(default_factory=dict)

    def check_out(self, cart: Cart, checkout: Checkout) -> Cart | None:
        """See `Carts`."""
        changed = super().check_out(cart, checkout)
        if changed is None:
            assert cart.version not in self.sold
            self.sold[cart.version] = (cart, checkout)
        return changed

    def order_ids(self) -> list[str]:
        """What was sold, in order."""
        return [checkout.order_id for _, checkout in self.sold.values()]


class Shop(RuleBasedStateMachine):
    """One customer whose requests overlap and die, and sweeps that do so too."""

    def __init__(self) -> None:
        super().__init__()
        self.carts, self.prices, self.bus = Sold(), MemoryPrices(), FakePublisher()

    def service(self, life: int) -> Shopping:
        """The service in an environment of its own."""
        left = [life]
        carts: Any = Mortal(self.carts, left)
        return Shopping(carts, carts, self.prices, Mortal(self.bus, left))

    def arrived(self) -> list[OrderEvent]:
        """What the bus was given."""
        assert set(self.bus.types()) <= {"CartCheckedOut"}
        return [event for _, event in self.bus.published]

    @rule(product=PRODUCTS, quantity=st.integers(1, 10_000))
    def put(self, product: str = "p1", quantity: int = 1) -> None:
        """A change."""
        self.service(LONG).carts.put("alice", product, quantity, ACCEPTED_AT)

    @rule(product=PRODUCTS)
    def remove(self, product: str = "p1") -> None:
        """Another."""
        with suppress(NotInCartError):
            self.service(LONG).carts.remove("alice", [product], ACCEPTED_AT)

    @rule(product=st.just("p3"), price=st.integers(0, 999) | st.none())
    def change_the_catalogue(self, product: str, price: int | None) -> None:
        """A new price, or none any more."""
        self.prices.prices.pop(product, None)
        if price is not None:
            self.prices.prices[product] = price

    @rule(life=LIVES, meanwhile=MEANWHILE)
    def check_out(self, life: int = LONG, meanwhile: Sequence[str] = ()) -> None:
        """A checkout; other requests, whole, come between its look at the cart and its write."""
        before, refusal = self.carts.order_ids(), None

        def others() -> None:
            self.carts.between = lambda: None
            for request in meanwhile:
                getattr(self, request)()

        self.carts.between = others
        try:
            checkout = self.service(life).check_out(ALICE, PAYMENT, "corr-1", ACCEPTED_AT)
        except EmptyCartError as error:
            refusal = error.message
        except DeathError:
            assert life != LONG
        else:
            assert self.carts.order_ids() == [*before, checkout.order_id]
        finally:
            self.carts.between = lambda: None
        if refusal is not None:
            assert (self.carts.get("alice").last_order_id or "") in refusal
        assert len(self.carts.order_ids()) <= len(before) + 1 + meanwhile.count("put")

    @rule(life=LIVES)
    def sweep(self, life: int = LONG) -> None:
        """A sweep, at a time when everything is due."""
        for order_id, checkout in self.carts.checkouts.items():
            self.carts.checkouts[order_id] = checkout.model_copy(update={"due_at": ACCEPTED_AT})
        service = self.service(life)
        with suppress(DeathError):
            sweep(service.checkouts, service.publish, lambda: 5000)

    @invariant()
    def everything_sold_is_published_or_will_be(self) -> None:
        """And nothing else."""
        arrived = {event.data.order_id for event in self.arrived()}
        assert arrived <= set(self.carts.order_ids()) == arrived | self.carts.checkouts.keys()

    @invariant()
    def every_order_is_one_cart_at_one_price(self) -> None:
        """However often it is published."""
        for cart, checkout in self.carts.sold.values():
            assert checkout.items
            assert {line.product_id: line.quantity for line in checkout.items}.items() <= cart.quantities.items()
            assert checkout.total_cents == sum(line.quantity * line.price_cents for line in checkout.items)
        events = {checkout.order_id: checkout.event() for _, checkout in self.carts.sold.values()}
        assert all(event == events[event.data.order_id] for event in self.arrived())

    def teardown(self) -> None:
        """A sweep that lives leaves nothing behind."""
        self.sweep()
        assert self.carts.checkouts == {}
        assert {event.data.order_id for event in self.arrived()} == set(self.carts.order_ids())


TestCheckout = Shop.TestCase
TestCheckout.settings = settings(stateful_step_count=20, deadline=None)


def test_of_many_checkouts_at_once_one_wins() -> None:
    shop = Shop()
    shop.put()
    shop.check_out(meanwhile=["check_out"] * 9)
    assert len(shop.arrived()) == 1
    assert clock.now() > shop.arrived()[0].metadata.stages["accepted"] == ACCEPTED_AT


def test_checkout_that_was_overtaken_does_not_buy_what_is_put_in_afterwards() -> None:
    shop = Shop()
    shop.put()
    shop.check_out(meanwhile=["check_out", "put"])
    assert len(shop.arrived()) == 1
    assert shop.carts.get("alice").quantities == {"p1": 1}
