"""Calls now and later, and what is left of them at the end."""

import threading

import pytest

from loadstack_engine.agenda import Agenda


@pytest.fixture
def agenda():
    agenda = Agenda(workers=2)
    yield agenda
    agenda.stop()


def test_calls_come_in_order_of_their_time(agenda):
    made, done = [], threading.Event()

    agenda.later(0.2, lambda: (made.append("last"), done.set()))
    agenda.later(0.1, lambda: made.append("second"))
    agenda.later(0, lambda: made.append("first"))

    assert done.wait(60)
    assert made == ["first", "second", "last"]


def test_call_that_fails_keeps_nothing_from_the_next(agenda):
    done = threading.Event()

    agenda.now(lambda: 1 / 0)
    agenda.now(done.set)

    assert done.wait(60)


def test_stop_makes_the_calls_that_are_wanted_then_and_drops_the_others():
    made = []
    agenda = Agenda()
    agenda.later(60, lambda: made.append("wanted"), at_stop=True)
    agenda.later(60, lambda: made.append("dropped"))

    agenda.stop()

    assert made == ["wanted"]


def test_stop_waits_for_what_runs_and_what_waits_for_a_worker():
    made, started = [], threading.Event()
    agenda = Agenda(workers=1)
    agenda.now(lambda: (started.set(), made.append(1)))
    for number in (2, 3):
        agenda.now(lambda number=number: made.append(number))

    agenda.stop()

    assert started.is_set()
    assert made == [1, 2, 3]


def test_stop_does_not_wait_forever():
    released = threading.Event()
    agenda = Agenda(workers=1)
    agenda.now(released.wait)

    agenda.stop(limit_s=0.05)

    released.set()


def test_call_after_the_stop_is_made_at_once():
    made = []
    agenda = Agenda()
    agenda.stop()

    agenda.now(lambda: made.append(threading.current_thread()))

    assert made == [threading.current_thread()]
