"""What is collected arrives once a second, and all of it at the end."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from loadstack_engine.cloudwatch_metrics.collector import Collector, Series
from tests.waiting import until

SERIES = Series("000000000000", "us-east-1", "Shop", "Orders", (("Service", "orders"),))


class Delivered:
    """Keeps what is delivered."""

    def __init__(self):
        self.data = []

    def __call__(self, account_id, region, namespace, data):
        self.data += [(account_id, region, namespace, datum) for datum in data]

    def count(self):
        return sum(sum(datum["Counts"]) for *_, datum in self.data)


@pytest.fixture
def collector():
    collector = Collector()
    yield collector
    collector.stop()


def test_values_are_delivered_with_their_counts(collector):
    delivered = Delivered()
    collector.start(delivered)
    for value in (1, 2, 2):
        collector.add(SERIES, {value: 1})

    until(lambda: delivered.count() == 3)

    ((account_id, region, namespace, datum),) = delivered.data
    assert (account_id, region, namespace) == ("000000000000", "us-east-1", "Shop")
    assert dict(zip(datum["Values"], datum["Counts"], strict=True)) == {1: 1, 2: 2}
    assert datum["Dimensions"] == [{"Name": "Service", "Value": "orders"}]
    assert datum["Unit"] == "Count"


def test_stop_delivers_what_is_left_and_nothing_twice():
    collector, delivered = Collector(), Delivered()
    collector.start(delivered)
    with ThreadPoolExecutor(8) as executor:
        for _ in range(8):
            executor.submit(lambda: [collector.add(SERIES, {1: 1}) for _ in range(10_000)])

    collector.stop()

    assert delivered.count() == 80_000


def test_source_is_asked_at_each_flush(collector):
    delivered = Delivered()
    collector.add_source(lambda add: add(SERIES, {5: 2}))
    collector.start(delivered)

    collector.flush()
    collector.flush()

    assert delivered.count() >= 4


def test_failed_delivery_is_told_and_the_next_one_works(collector, caplog):
    delivered, failed = Delivered(), threading.Event()

    def deliver(*arguments):
        if not failed.is_set():
            failed.set()
            raise RuntimeError("no CloudWatch")
        delivered(*arguments)

    collector.add(SERIES, {1: 1})
    collector.start(deliver)
    until(lambda: "no CloudWatch" in caplog.text)
    collector.add(SERIES, {1: 1})

    until(delivered.count)


def test_namespace_that_cannot_be_stored_leaves_the_others(collector):
    delivered = Delivered()

    def deliver(account_id, region, namespace, data):
        if namespace == "Shop":
            raise RuntimeError("no such namespace")
        delivered(account_id, region, namespace, data)

    collector.start(deliver)
    collector.add(SERIES, {1: 1})
    collector.add(SERIES._replace(namespace="Depot"), {1: 1})

    collector.flush()

    until(delivered.count)


def test_clear_forgets_what_was_not_delivered(collector):
    delivered = Delivered()
    collector.add(SERIES, {1: 1})
    collector.clear()
    collector.start(delivered)

    collector.flush()

    assert delivered.data == []


def test_times_of_their_own_are_kept_apart(collector):
    delivered = Delivered()
    collector.start(delivered)
    for at in (1_800_000_000.2, 1_800_000_001.2):
        collector.add(SERIES, {1: 1}, at=at)

    collector.flush()

    assert sorted(datum["Timestamp"].timestamp() for *_, datum in delivered.data) == [1_800_000_000.2, 1_800_000_001.2]
