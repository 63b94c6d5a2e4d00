"""The workers of an SQS mapping, without LocalStack."""

from types import SimpleNamespace

from loadstack_engine.event_sources.sqs.dispatcher import Dispatcher
from tests.waiting import until


def test_worker_that_finds_its_queue_deleted_leaves_its_place_to_the_next():
    dispatcher = Dispatcher(SimpleNamespace(maximum_concurrency=5), finished=lambda: None)

    for _ in range(2):
        dispatcher.wake()  # as the deleted queue's last message did
        until(lambda: not dispatcher._workers)

        assert not dispatcher._scout
