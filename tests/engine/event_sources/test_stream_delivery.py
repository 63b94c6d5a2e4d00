"""What becomes of a stream's batch that does not reach its function."""

import threading
from types import SimpleNamespace

import pytest

from loadstack_engine.event_sources.streams import delivery
from loadstack_engine.event_sources.streams.batches import NotInvokedError
from loadstack_engine.event_sources.streams.records import StreamRecord


def test_batch_for_which_no_process_could_start_is_to_be_tried_again(monkeypatch):
    def invoke_function(arn, event):
        raise OSError("Resource temporarily unavailable")

    monkeypatch.setattr(delivery, "invoke_function", invoke_function)
    mapping = SimpleNamespace(function_arn="function", stream_arn="stream")
    around = delivery.Delivery(mapping, None, "shard", threading.Event(), lambda _: None, added=0.0)

    with pytest.raises(NotInvokedError):
        around.invoke([StreamRecord("1", "key", 1000.0, 1000.0, {}, b"{}")])
