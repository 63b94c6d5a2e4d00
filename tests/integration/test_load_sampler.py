"""What the load harness sees of a real stack while orders pass through it."""

from collections.abc import Callable

import gevent

from loadtests.address import resolve
from loadtests.looks import PARTS
from loadtests.queue_looks import EngineQueues, find
from loadtests.sampler import Sampler
from loadtests.stack import connect
from sandbox.target import Target
from tests.integration.conftest import Customer, figures


def test_sampler_sees_queues_functions_and_parts(
    stack: Target, customer: Customer, product: Callable[[int], str]
) -> None:
    figures(stack.endpoint)
    sampler = Sampler(connect(resolve(stack.endpoint)))
    sampler.start()
    gevent.sleep(0)
    placed = customer.place((product(5), 1)).json()
    customer.order_once(placed["orderId"])

    sampler.stop()

    first, last = sampler.samples
    assert {"payments", "inventory", "order-intake"} <= last.queues.keys()
    assert all(look.depth >= 0 and look.age_s is not None for look in last.queues.values())
    assert last.functions["orders"].invocations > (
        first.functions["orders"].invocations if "orders" in first.functions else 0
    )
    assert list(last.cpu_s) == list(last.memory_mb) == list(PARTS)
    assert all(last.cpu_s[part] >= seconds for part, seconds in first.cpu_s.items())
    assert last.cpu_s["engine"] > first.cpu_s["engine"]
    assert set(sampler.dead_letters.values()) == {0}
    assert "payments" in sampler.dead_letters


def test_queues_are_told_by_the_engine_all_at_once(stack: Target) -> None:
    figures(stack.endpoint)
    queues = find(connect(resolve(stack.endpoint)))
    assert isinstance(queues, EngineQueues)
    alive, dead = queues.look(dead=False), queues.look(dead=True)
    assert "payments" in alive
    assert "payments-dlq" in dead
    assert not alive.keys() & dead.keys()
