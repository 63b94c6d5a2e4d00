"""The pools of execution environments, without LocalStack."""

import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from loadstack_engine import environment_pools
from loadstack_engine.environment_pools import EnvironmentPools, NoRoomError, NoTurnError, PoolClosedError
from tests.waiting import until


class Pools(EnvironmentPools):
    """With two pools, and what was stopped in ``ended``."""

    def __init__(self, limit=10, parallel_starts=1, keep_alive_s=60):
        self.ended = []
        super().__init__(limit, parallel_starts, keep_alive_s, self.ended.append)
        self.open("orders")
        self.open("payments")

    def take(self, pool, start=object, wait_s=10.0):
        return self.acquire(pool, start, wait_s)


class Caller:
    """Acquires in a thread of its own; ``start`` blocks until :meth:`finish`."""

    def __init__(self, pools, pool, wait_s=10.0):
        self.result = None
        self.error = None
        self.starting = threading.Event()
        self._may_finish = threading.Event()
        self._thread = threading.Thread(target=self._acquire, args=(pools, pool, wait_s), daemon=True)
        self._thread.start()

    def _acquire(self, pools, pool, wait_s):
        try:
            self.result = pools.acquire(pool, self._start, wait_s)
        except Exception as error:
            self.error = error

    def _start(self):
        self.starting.set()
        self._may_finish.wait(60)
        return object()

    def finish(self):
        self._may_finish.set()
        self._thread.join(60)

    @property
    def done(self):
        return not self._thread.is_alive()


def _waiting(pools, count):
    until(lambda: len(pools._waiting) == count)


def test_idle_environment_is_used_again_the_last_one_first():
    pools = Pools()
    first, second = pools.take("orders"), pools.take("orders")
    assert first is not second
    pools.release("orders", first)
    pools.release("orders", second)

    assert pools.take("orders") is second
    assert pools.take("orders") is first


def test_turns_are_limited_and_dealt_out_in_order(monkeypatch):
    monkeypatch.setattr(environment_pools, "_TURN_S", 60)
    pools = Pools(parallel_starts=1)
    running = Caller(pools, "orders")
    running.starting.wait(60)
    second = Caller(pools, "orders")
    _waiting(pools, 1)
    third = Caller(pools, "payments")
    _waiting(pools, 2)

    running.finish()

    assert second.starting.wait(60)
    assert not third.starting.is_set()
    second.finish()
    assert third.starting.wait(60)
    third.finish()


def test_slow_start_holds_up_others_for_a_second_only():
    pools = Pools(parallel_starts=1)
    slow = Caller(pools, "orders")
    slow.starting.wait(60)

    pools.take("payments")

    assert not slow.done
    slow.finish()


def test_environment_that_becomes_free_goes_to_who_waits_for_its_pool(monkeypatch):
    monkeypatch.setattr(environment_pools, "_TURN_S", 60)
    pools = Pools(parallel_starts=1)
    environment = pools.take("orders")
    running = Caller(pools, "payments")
    running.starting.wait(60)
    other, waiting = Caller(pools, "payments"), Caller(pools, "orders")
    _waiting(pools, 2)

    pools.release("orders", environment)

    until(lambda: waiting.done)
    assert waiting.result is environment
    assert not other.done
    running.finish()
    other.finish()


def test_no_turn_in_time(monkeypatch):
    monkeypatch.setattr(environment_pools, "_TURN_S", 60)
    pools = Pools(limit=2, parallel_starts=1)
    running = Caller(pools, "orders")
    running.starting.wait(60)

    with pytest.raises(NoTurnError):
        pools.take("payments", wait_s=0.1)

    running.finish()
    pools.take("payments")  # its place is free again


def test_limit_counts_invocations_and_provisioned_environments():
    pools = Pools(limit=3)
    pools.reserve_provisioned("payments", 1)
    first, _ = pools.take("orders"), pools.take("orders")

    with pytest.raises(NoRoomError):
        pools.take("payments")
    with pytest.raises(NoRoomError):
        pools.reserve_provisioned("orders", 1)
    pools.release("orders", first)

    assert pools.take("orders") is first


def test_longest_idle_environment_ends_when_its_place_is_wanted():
    pools = Pools(limit=2)
    oldest, newer = pools.take("orders"), pools.take("orders")
    pools.release("orders", oldest)
    pools.release("orders", newer)

    pools.take("payments")

    assert pools.ended == [oldest]
    assert pools.take("orders") is newer


def test_start_that_fails_gives_its_place_and_its_turn_back():
    pools = Pools(limit=1, parallel_starts=1)

    with pytest.raises(ZeroDivisionError):
        pools.take("orders", start=lambda: 1 / 0)

    assert pools.take("orders")


def test_discarded_environment_does_not_come_back():
    pools = Pools(limit=1)
    broken = pools.take("orders")

    pools.discard("orders", broken)

    assert pools.ended == [broken]
    assert pools.take("orders") is not broken


def test_closed_pool_ends_what_is_idle_and_then_what_was_busy():
    pools = Pools()
    busy, idle = pools.take("orders"), pools.take("orders")
    pools.release("orders", idle)

    pools.close("orders")
    assert pools.ended == [idle]
    pools.release("orders", busy)

    assert pools.ended == [idle, busy]
    with pytest.raises(PoolClosedError):
        pools.take("orders")


def test_who_waits_for_a_closed_pool_is_turned_away(monkeypatch):
    monkeypatch.setattr(environment_pools, "_TURN_S", 60)
    pools = Pools(parallel_starts=1)
    running = Caller(pools, "payments")
    running.starting.wait(60)
    gone = Caller(pools, "orders")
    _waiting(pools, 1)

    pools.close("orders")

    until(lambda: gone.done)
    assert isinstance(gone.error, PoolClosedError)
    running.finish()


def test_sweep_ends_what_was_idle_for_long(monkeypatch):
    now = 1000.0
    monkeypatch.setattr(environment_pools, "time", SimpleNamespace(monotonic=lambda: now))
    pools = Pools(keep_alive_s=60)
    first = pools.take("orders")
    pools.release("orders", first)

    now += 59
    assert pools.sweep() == 1
    assert pools.ended == []
    now += 1
    pools.sweep()

    assert pools.ended == [first]
    assert pools.take("orders") is not first


def test_retired_provisioned_environment_ends_when_it_is_idle():
    pools = Pools(limit=2)
    pools.reserve_provisioned("orders", 2)
    pools.add_provisioned("orders", "one")
    pools.add_provisioned("orders", "two")
    assert pools.take_provisioned("orders") == "two"

    pools.retire_provisioned("orders", "one")
    pools.retire_provisioned("orders", "two")
    assert pools.ended == ["one"]
    pools.add_provisioned("orders", "two")

    assert pools.ended == ["one", "two"]
    pools.reserve_provisioned("orders", 2)  # both places are free


def test_many_threads_never_exceed_the_limit():
    pools = Pools(limit=5, parallel_starts=2)
    in_use, most, refused = set(), [0], [0]
    lock = threading.Lock()

    def use(number):
        pool = ("orders", "payments")[number % 2]
        try:
            environment = pools.take(pool)
        except NoRoomError:
            refused[0] += 1
            return
        with lock:
            assert environment not in in_use
            in_use.add(environment)
            most[0] = max(most[0], len(in_use))
        with lock:
            in_use.remove(environment)
        pools.release(pool, environment)

    with ThreadPoolExecutor(20) as callers:
        list(callers.map(use, range(5_000)))

    assert most[0] <= 5
    assert sum(idle for idle, _ in pools.counts().values()) <= 5
    assert all(busy == 0 for _, busy in pools.counts().values())
