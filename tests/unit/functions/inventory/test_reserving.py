"""Reserving and releasing against a store in memory that can die, be slow, or be overtaken at any step."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.domain import CHUNK_LINES, Line, Reservation, State, chunks
from inventory.reserving import Reserving, UnsettledError
from inventory.store import OutOfStockError, StaleError


class CrashError(Exception):
    """The function died."""


class MemoryReservations:
    """`Reservations` with the same conditions as the DynamoDB one.

    `crashes` says for each write to come whether the function dies: "before" it, "after" it, or not ("").
    """

    def __init__(self, stock: dict[str, int], crashes: Sequence[str] = ()) -> None:
        self.stock = dict(stock)
        self.reservations: dict[str, Reservation] = {}
        self.crashes = list(crashes)
        self.writes = 0

    def get(self, order_id: str) -> Reservation | None:
        """See `Reservations`."""
        return self.reservations.get(order_id)

    def create(self, reservation: Reservation) -> None:
        """See `Reservations`."""
        self._write(None, reservation, {})

    def take(self, before: Reservation | None, after: Reservation, lines: Sequence[Line]) -> None:
        """See `Reservations`."""
        assert len(lines) <= 99
        self._write(before, after, {line.product_id: -line.quantity for line in lines})

    def give_back(self, before: Reservation, after: Reservation, lines: Sequence[Line]) -> None:
        """See `Reservations`."""
        assert len(lines) <= 99
        self._write(before, after, {line.product_id: line.quantity for line in lines})

    def _write(self, before: Reservation | None, after: Reservation, change: dict[str, int]) -> None:
        crash = self.crashes.pop(0) if self.crashes else ""
        if crash == "before":
            raise CrashError
        found = self.reservations.get(after.order_id)
        mark = found and (found.state, found.held)
        if mark != (before and (before.state, before.held)):
            raise StaleError(found)
        if any(self.stock.get(name, 0) + amount < 0 for name, amount in change.items()):
            raise OutOfStockError
        for name, amount in change.items():
            self.stock[name] += amount
        self.reservations[after.order_id] = after
        self.writes += 1
        if crash == "after":
            raise CrashError


def wanting(count: int, quantity: int = 1) -> tuple[Line, ...]:
    """Lines for products p0, p1, …"""
    return tuple(Line(f"p{number}", quantity) for number in range(count))


def having(count: int, amount: int) -> dict[str, int]:
    """A stock of products p0, p1, …"""
    return {f"p{number}": amount for number in range(count)}


@pytest.mark.parametrize(("count", "writes"), [(1, 1), (99, 1), (100, 2)])
def test_order_is_reserved_in_as_few_writes_as_can_be(count: int, writes: int) -> None:
    store = MemoryReservations(having(count, 3))
    reservation = Reserving(store).reserve("o", wanting(count, 2))
    assert (reservation.state, store.writes) == (State.RESERVED, writes)
    assert set(store.stock.values()) == {1}


def test_redelivery_changes_nothing_and_tells_the_same_time() -> None:
    store = MemoryReservations(having(100, 3))
    first = Reserving(store).reserve("o", wanting(100))
    after = dict(store.stock)
    assert Reserving(store).reserve("o", wanting(100)) == first
    assert store.stock == after


@pytest.mark.parametrize("short", ["p0", "p98", "p99", None])
def test_what_lacks_stock_holds_nothing(short: str | None) -> None:
    stock = having(100, 1)
    if short:
        stock[short] = 0
    else:
        del stock["p99"]
    store = MemoryReservations(stock)
    assert Reserving(store).reserve("o", wanting(100)).state is State.REJECTED
    assert store.stock == stock


def test_rejected_stays_rejected_when_stock_comes() -> None:
    store = MemoryReservations({"p0": 0})
    Reserving(store).reserve("o", wanting(1))
    store.stock["p0"] = 10
    assert Reserving(store).reserve("o", wanting(1)).state is State.REJECTED
    assert store.stock == {"p0": 10}


@pytest.mark.parametrize("count", [1, 100])
def test_release_gives_back_once_and_for_good(count: int) -> None:
    store = MemoryReservations(having(count, 5))
    reserving = Reserving(store)
    reserving.reserve("o", wanting(count))
    for _ in range(2):
        assert reserving.release("o").state is State.RELEASED
        assert store.stock == having(count, 5)
    assert reserving.reserve("o", wanting(count)).state is State.RELEASED
    assert store.stock == having(count, 5)


def test_release_before_reservation_leaves_a_tombstone() -> None:
    store = MemoryReservations({"p0": 5})
    reserving = Reserving(store)
    assert reserving.release("o").state is State.RELEASED
    assert reserving.reserve("o", wanting(1)).state is State.RELEASED
    assert store.stock == {"p0": 5}


def test_release_of_what_was_rejected_changes_nothing() -> None:
    store = MemoryReservations({"p0": 0})
    reserving = Reserving(store)
    reserving.reserve("o", wanting(1))
    assert reserving.release("o").state is State.REJECTED
    assert store.stock == {"p0": 0}


def test_release_between_two_chunks_stops_the_reservation() -> None:
    store = MemoryReservations(having(100, 5), crashes=["after"])
    reserving = Reserving(store)
    with pytest.raises(CrashError):
        reserving.reserve("o", wanting(100))
    assert reserving.release("o").state is State.RELEASED
    assert reserving.reserve("o", wanting(100)).state is State.RELEASED
    assert store.stock == having(100, 5)


def test_reservation_that_keeps_changing_is_unsettled() -> None:
    class Restless(MemoryReservations):
        def _write(self, before: Reservation | None, after: Reservation, change: dict[str, int]) -> None:
            raise StaleError(replace(after, state=State.RESERVING, held=0))

    with pytest.raises(UnsettledError):
        Reserving(Restless({})).reserve("o", wanting(1))


@given(st.integers(0, 400))
def test_chunks_put_together_are_the_lines(count: int) -> None:
    parts = chunks(wanting(count))
    assert [line for part in parts for line in part] == list(wanting(count))
    assert all(0 < len(part) <= CHUNK_LINES for part in parts)


ORDERS = st.lists(st.tuples(st.sampled_from([1, 2, 99, 100]), st.integers(1, 4)), min_size=1, max_size=3)
MESSAGES = st.lists(st.tuples(st.integers(0, 2), st.booleans()), max_size=8)
CRASHES = st.lists(st.sampled_from(["", "", "before", "after"]), max_size=12)


@settings(deadline=None)
@given(ORDERS, MESSAGES, CRASHES, st.lists(st.integers(0, 6), min_size=4, max_size=4))
def test_stock_and_reservations_always_add_up(
    orders: list[tuple[int, int]], messages: list[tuple[int, bool]], crashes: list[str], amounts: list[int]
) -> None:
    """Whatever comes, however often, wherever the function dies: nothing negative, nothing lost."""
    start = {**having(100, 6), "p0": amounts[0], "p1": amounts[1], "p98": amounts[2], "p99": amounts[3]}
    store = MemoryReservations(start, crashes)
    reserving = Reserving(store)

    def deliver(order: int, declined: bool) -> Reservation:
        while True:  # SQS delivers again until it works
            try:
                if declined:
                    return reserving.release(f"o{order}")
                return reserving.reserve(f"o{order}", wanting(*orders[order]))
            except CrashError:
                check()

    def check() -> None:
        held = dict.fromkeys(start, 0)
        for reservation in store.reservations.values():
            for index in range(reservation.held):
                for line in reservation.chunk(index):
                    held[line.product_id] += line.quantity
        assert all(amount >= 0 for amount in store.stock.values())
        assert {name: store.stock[name] + held[name] for name in start} == start

    ended: dict[int, State] = {}
    for number, declined in messages:
        order = number % len(orders)
        state = deliver(order, declined).state
        check()
        assert state in (State.RESERVED, State.REJECTED, State.RELEASED)
        assert ended.get(order, State.RESERVED) in (State.RESERVED, state)
        ended[order] = state
