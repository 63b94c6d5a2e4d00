"""What becomes of a stream's batch that does not reach its function."""

import threading
from types import SimpleNamespace

import pytest

from loadstack_engine.cloudwatch_metrics.lambda_metrics import LambdaMetrics
from loadstack_engine.event_sources.streams import delivery
from loadstack_engine.event_sources.streams.batches import NotInvokedError
from loadstack_engine.event_sources.streams.records import StreamRecord

ARN = "arn:aws:lambda:us-east-1:000000000000:function:consumer"


def test_batch_for_which_no_process_could_start_is_to_be_tried_again(monkeypatch):
    def invoke_function(arn, event):
        raise OSError("Resource temporarily unavailable")

    monkeypatch.setattr(delivery, "invoke_function", invoke_function)
    mapping = SimpleNamespace(function_arn="function", stream_arn="stream")
    around = delivery.Delivery(mapping, None, "shard", threading.Event(), lambda _: None, added=0.0)

    with pytest.raises(NotInvokedError):
        around.invoke([StreamRecord("1", "key", 1000.0, 1000.0, {}, b"{}")])


def test_each_attempt_tells_how_old_the_last_record_is(monkeypatch):
    metrics = LambdaMetrics()
    metrics.start()
    monkeypatch.setattr(delivery, "METRICS", metrics)
    monkeypatch.setattr(delivery, "invoke_function", lambda arn, event: None)
    mapping = SimpleNamespace(function_arn=ARN, stream_arn="stream", partial=False)
    around = delivery.Delivery(mapping, None, "shard", threading.Event(), lambda _: None, added=0.0)
    records = [StreamRecord(str(n), "key", 0.0, born, {}, b"{}") for n, born in enumerate((10.0, 40.0))]
    for now in (45.0, 70.5, 39.0):
        monkeypatch.setattr(around, "now", lambda now=now: now)
        around.invoke(records)

    told = {}
    metrics._collect(lambda series, counts: told.update({(series.metric, series.dimensions): dict(counts)}))

    ages = {5000: 1, 30500: 1, 0: 1}  # a clock that was set back makes no record younger than new
    assert told["IteratorAge", (("FunctionName", "consumer"),)] == ages
    assert told["IteratorAge", ()] == ages
