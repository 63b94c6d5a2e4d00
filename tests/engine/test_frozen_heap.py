"""Garbage collection leaves out what was loaded."""

import gc
import threading
from collections.abc import Iterator

import pytest

from loadstack_engine import frozen_heap
from loadstack_engine.preload import PRELOAD


@pytest.fixture
def over(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    event = threading.Event()
    monkeypatch.setattr(PRELOAD, "over", event)
    yield event
    event.set()
    gc.unfreeze()


def test_heap_is_frozen_when_loading_is_over(over: threading.Event) -> None:
    before = gc.get_freeze_count()

    waiting = frozen_heap.use()
    while_loading = gc.get_freeze_count()
    over.set()
    waiting.join(60)

    assert while_loading == before
    assert gc.get_freeze_count() > before + 10_000
