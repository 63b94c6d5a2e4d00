"""The scenarios in Locust's own web UI:

    locust -f loadtests/locustfile.py --web-host 127.0.0.1 --web-port 8089

Users run in a loop with a second's pause here (the closed model, as Locust has it), for looking and trying
out. Beside its requests, the statistics show "ASYNC order accepted→final", with a failure for each order that
was lost. For arrivals at a rate, SLOs and a report, use `python -m loadtests`.

Host is the AWS endpoint. Each worker process listens for its own orders.
"""

from locust import FastHttpUser, constant, events, task  # isort: skip  (first: it patches the standard library)

import itertools
import os
import sys
import time
import uuid
from pathlib import Path
from typing import Any

from gevent.lock import Semaphore
from locust.env import Environment
from locust.runners import MasterRunner

sys.path.append(str(Path(__file__).resolve().parents[1]))

from loadtests import scenarios
from loadtests.address import resolve
from loadtests.job import prefix_of
from loadtests.records import REQUEST_TIMEOUT_S, Placed
from loadtests.watch import Watch

PREFIX = prefix_of(uuid.uuid4().hex[:8], os.getpid())

_scenario = scenarios.load("order")
_shop: dict[str, Any] = {}
_opening = Semaphore()
_seeds = itertools.count()
_watches: list[Watch] = []


class OrderShopper(FastHttpUser):
    """Browses and orders, again and again. One log-in serves all users of a process."""

    host = os.environ.get("LOADTESTS_HOST", "http://127.0.0.1:4566")
    wait_time = constant(1)
    network_timeout = REQUEST_TIMEOUT_S

    def on_start(self) -> None:
        """Prepare a journey of one's own. When the shop is not there, the reason is in Locust's log."""
        self.client.base_url = resolve(str(self.host)).api
        http: Any = self.client
        with _opening:
            if not _shop:
                _shop.update(_scenario.open(http))
        self.journey = _scenario.journey(http, _shop, PREFIX, self._placed, next(_seeds))

    @task
    def order(self) -> None:
        """One iteration."""
        self.journey.prepare(time.time())
        self.journey.iterate(time.time())

    def _placed(self, placed: Placed) -> None:
        if _watches:
            _watches[-1].placed(placed)


@events.init.add_listener  # type: ignore[untyped-decorator]
def _watch_orders(environment: Environment, **_: Any) -> None:
    """Listen for what becomes of this process's orders, while a test runs."""
    if environment.runner is None or isinstance(environment.runner, MasterRunner):
        return
    watch = Watch(environment, PREFIX)
    _watches.append(watch)
    environment.events.test_start.add_listener(watch.on_test_start)  # type: ignore[no-untyped-call]
    environment.events.test_stop.add_listener(watch.on_test_stop)  # type: ignore[no-untyped-call]
