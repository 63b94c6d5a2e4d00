"""The gate in front of starts, without LocalStack."""

import threading

import pytest

from loadstack_engine.start_gate import PoolClosedError, StartGate
from tests.waiting import until


class Caller:
    """Enters the gate in a thread of its own."""

    def __init__(self, gate, pool):
        self.result = None
        self.error = None
        self._thread = threading.Thread(target=self._enter, args=(gate, pool))
        self._thread.start()

    def _enter(self, gate, pool):
        try:
            self.result = gate.enter(pool)
        except PoolClosedError as error:
            self.error = error

    @property
    def done(self):
        return not self._thread.is_alive()


def _waiting(gate, count):
    until(lambda: len(gate._waiting) == count)


def test_idle_environment_is_taken_before_a_turn():
    gate = StartGate(1)

    assert gate.enter("orders", lambda: "idle") == "idle"
    assert gate.enter("orders") is None


def test_turns_are_limited_and_dealt_out_in_order():
    gate = StartGate(1)
    assert gate.enter("orders") is None
    first = Caller(gate, "orders")
    _waiting(gate, 1)
    second = Caller(gate, "payments")
    _waiting(gate, 2)

    gate.started()
    until(lambda: first.done)
    assert not second.done
    gate.started()
    until(lambda: second.done)


def test_environment_that_becomes_free_goes_to_who_waits_for_its_pool():
    gate = StartGate(1)
    gate.enter("orders")
    other, waiting = Caller(gate, "payments"), Caller(gate, "orders")
    _waiting(gate, 2)

    gate.give_back("orders", "environment", lambda: pytest.fail("released although somebody waits"))

    until(lambda: waiting.done)
    assert waiting.result == "environment"
    assert not other.done
    gate.started()
    until(lambda: other.done)


def test_environment_that_nobody_waits_for_is_released():
    released = []

    StartGate(1).give_back("orders", "environment", lambda: released.append(1))

    assert released == [1]


def test_who_waits_for_a_closed_pool_is_turned_away():
    gate = StartGate(1)
    gate.enter("orders")
    gone, other = Caller(gate, "orders"), Caller(gate, "payments")
    _waiting(gate, 2)

    gate.close("orders")

    until(lambda: gone.done)
    assert isinstance(gone.error, PoolClosedError)
    gate.started()
    until(lambda: other.done)


def test_turn_ends_with_an_error_too():
    gate = StartGate(1)

    with pytest.raises(ZeroDivisionError), gate.turn():
        raise ZeroDivisionError

    assert gate.enter("orders") is None
