"""Reserving, selling and releasing, one step after the other."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.events import OrderEvent, Stage
from inventory.domain import CHUNK_LINES, Line, Reservation, State, chunks
from inventory.reserving import Reserving, UnsettledError
from inventory.store import StaleError
from tests.unit.functions.factories import lines, order_event
from tests.unit.functions.interleaving import CrashError
from tests.unit.functions.inventory.memory import MemoryReservations

TTL_S = 900


def wanting(count: int, quantity: int = 1) -> OrderEvent:
    """Order "o" of products p0, p1, …"""
    return order_event("o", items=lines(*((f"p{number}", quantity) for number in range(count))))


def having(count: int, amount: int) -> dict[str, int]:
    """A stock of products p0, p1, …"""
    return {f"p{number}": amount for number in range(count)}


@pytest.mark.parametrize(("count", "writes"), [(1, 1), (99, 1), (100, 2)])
def test_order_is_reserved_in_as_few_writes_as_can_be(count: int, writes: int) -> None:
    store = MemoryReservations(having(count, 3))
    reservation = Reserving(store, TTL_S).reserve(wanting(count, 2))
    assert (reservation.state, store.writes) == (State.RESERVED, writes)
    assert set(store.stock.values()) == {1}


def test_redelivery_changes_nothing_and_tells_the_same_time() -> None:
    store = MemoryReservations(having(100, 3))
    first = Reserving(store, TTL_S).reserve(wanting(100))
    after = dict(store.stock)
    assert Reserving(store, TTL_S).reserve(wanting(100)) == first
    assert store.stock == after


@pytest.mark.parametrize("short", ["p0", "p98", "p99", None])
def test_what_lacks_stock_holds_nothing(short: str | None) -> None:
    stock = having(100, 1)
    if short:
        stock[short] = 0
    else:
        del stock["p99"]
    store = MemoryReservations(stock)
    assert Reserving(store, TTL_S).reserve(wanting(100)).state is State.REJECTED
    assert store.stock == stock


def test_rejected_stays_rejected_when_stock_comes() -> None:
    store = MemoryReservations({"p0": 0})
    Reserving(store, TTL_S).reserve(wanting(1))
    store.stock["p0"] = 10
    assert Reserving(store, TTL_S).reserve(wanting(1)).state is State.REJECTED
    assert store.stock == {"p0": 10}


@pytest.mark.parametrize("count", [1, 100])
def test_release_gives_back_once_and_for_good(count: int) -> None:
    store = MemoryReservations(having(count, 5))
    reserving = Reserving(store, TTL_S)
    reserving.reserve(wanting(count))
    for _ in range(2):
        assert reserving.release("o").state is State.RELEASED
        assert store.stock == having(count, 5)
    assert reserving.reserve(wanting(count)).state is State.RELEASED
    assert store.stock == having(count, 5)


def test_release_before_reservation_leaves_a_tombstone() -> None:
    store = MemoryReservations({"p0": 5})
    reserving = Reserving(store, TTL_S)
    assert reserving.release("o").state is State.RELEASED
    assert reserving.reserve(wanting(1)).state is State.RELEASED
    assert store.stock == {"p0": 5}


def test_release_of_what_was_rejected_changes_nothing() -> None:
    store = MemoryReservations({"p0": 0})
    reserving = Reserving(store, TTL_S)
    reserving.reserve(wanting(1))
    assert reserving.release("o").state is State.REJECTED
    assert store.stock == {"p0": 0}


def test_release_between_two_chunks_stops_the_reservation() -> None:
    class Dying(MemoryReservations):
        def take(self, before: Reservation | None, after: Reservation, lines: Sequence[Line]) -> None:
            if before is not None:
                raise CrashError
            super().take(before, after, lines)

    store = Dying(having(100, 5))
    reserving = Reserving(store, TTL_S)
    with pytest.raises(CrashError):
        reserving.reserve(wanting(100))
    assert store.reservations["o"].state is State.RESERVING
    assert reserving.release("o").state is State.RELEASED
    assert reserving.reserve(wanting(100)).state is State.RELEASED
    assert store.stock == having(100, 5)


@pytest.mark.parametrize("count", [1, 100])
def test_what_is_charged_is_sold_and_can_still_be_given_back(count: int) -> None:
    store = MemoryReservations(having(count, 5))
    reserving = Reserving(store, TTL_S)
    reserving.reserve(wanting(count))
    for _ in range(2):
        sold = reserving.sell("o")
        assert sold
        assert (sold.state, sold.due_at, sold.event) == (State.SOLD, None, None)
    assert reserving.reserve(wanting(count)) == sold
    assert store.stock == having(count, 4)
    assert reserving.release("o").state is State.RELEASED
    assert store.stock == having(count, 5)


def test_only_what_is_reserved_is_sold() -> None:
    store = MemoryReservations(having(1, 5))
    reserving = Reserving(store, TTL_S)
    assert reserving.sell("o") is None
    assert store.reservations == {}
    released = reserving.release("o")
    assert reserving.sell("o") == released


@pytest.mark.parametrize("count", [1, 100])
def test_open_reservation_is_due_after_its_time(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("common.clock.now", lambda: "2026-11-21T10:15:31.000Z")
    store = MemoryReservations(having(count, 5))
    reservation = Reserving(store, 900).reserve(wanting(count))
    assert reservation.due_at == "2026-11-21T10:30:31.000Z"
    assert reservation.question() == wanting(count).reached(Stage.STOCK_RESERVED, reservation.at)
    assert store.due("2026-11-21T10:30:30.999Z", 10) == []
    assert store.due("2026-11-21T10:30:31.000Z", 10) == [reservation]


def test_closed_reservation_has_no_question() -> None:
    with pytest.raises(ValueError, match="RELEASED"):
        Reserving(MemoryReservations({}), TTL_S).release("o").question()


def test_reservation_that_keeps_changing_is_unsettled() -> None:
    class Restless(MemoryReservations):
        def _write(self, before: Reservation | None, after: Reservation, change: dict[str, int]) -> None:
            raise StaleError(replace(after, state=State.RESERVING, held=0))

    with pytest.raises(UnsettledError):
        Reserving(Restless({}), TTL_S).reserve(wanting(1))


@given(st.integers(0, 400))
def test_chunks_put_together_are_the_lines(count: int) -> None:
    wanted = [Line(f"p{number}", 1) for number in range(count)]
    parts = chunks(wanted)
    assert [line for part in parts for line in part] == wanted
    assert all(0 < len(part) <= CHUNK_LINES for part in parts)
