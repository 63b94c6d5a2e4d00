"""Who is watched, without LocalStack."""

import sys
import threading

import pytest

from loadstack_engine import memory_limit
from loadstack_engine.memory_limit import MemoryWatch

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux only")


def test_process_that_becomes_busy_while_the_watch_falls_asleep_is_watched(monkeypatch):
    watch, asleep, looked_at, done = MemoryWatch(), threading.Event(), threading.Event(), threading.Event()

    def used_kib(pid):
        if pid == 2:
            looked_at.set()
        return 0

    def busy():
        with watch.over(2, 1, 0):
            asleep.set()
            done.wait(60)

    clear = watch._wake.clear

    def clear_a_moment_later():
        threading.Thread(target=busy, daemon=True).start()
        assert asleep.wait(60)
        clear()

    monkeypatch.setattr(memory_limit, "used_kib", used_kib)
    monkeypatch.setattr(memory_limit, "_LINGER_S", 0.0)
    monkeypatch.setattr(watch._wake, "clear", clear_a_moment_later)
    with watch.over(1, 1, 0):
        pass

    assert looked_at.wait(60)

    monkeypatch.setattr(watch._wake, "clear", clear)
    done.set()
