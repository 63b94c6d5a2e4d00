"""The scenarios in Locust's own hands: its users, statistics, web UI and distributed mode.

    locust -f loadtests/locustfile.py --web-host 127.0.0.1 --web-port 8089 [--scenario order --rate 20] [--processes 2]

With `--rate` 0 each user is a shopper in a loop, who thinks between iterations (the closed model). Above 0 each user
is a source of so many arrivals a second, which wait for no answer (the open model): the whole rate is users times
rate, one user is enough, and as Locust adds users it rises. Beside its requests, the statistics show "ASYNC order
accepted→final", with a failure for each order that was lost. Locust's response times run from the real send, and are
rounded; for those from the intended send, SLOs and a report, use `python -m loadtests`.
"""

from locust import FastHttpUser, events, task  # isort: skip  (first: it patches the standard library)

import os
import random
import sys
from pathlib import Path
from typing import Any

from locust.argument_parser import LocustArgumentParser
from locust.env import Environment
from locust.runners import MasterRunner, WorkerRunner
from locust.user.task import LOCUST_STATE_RUNNING

sys.path.append(str(Path(__file__).resolve().parents[1]))

from loadtests import scenarios
from loadtests.arrivals.closed_model import thinking
from loadtests.arrivals.open_model import MAX_IN_FLIGHT
from loadtests.arrivals.schedule import PATTERNS
from loadtests.generator import CONNECT_TIMEOUT_S, allow_many_sockets
from loadtests.plan import parse_duration
from loadtests.records import REQUEST_TIMEOUT_S
from loadtests.session import Desk, Opening
from loadtests.source import Source

_desk = Desk()


class Shopper(FastHttpUser):
    """A shopper in a loop, or a source of shoppers who arrive at a rate."""

    host = os.environ.get("LOADTESTS_HOST", "http://127.0.0.1:4566")
    concurrency = 2 * MAX_IN_FLIGHT
    connection_timeout = CONNECT_TIMEOUT_S
    network_timeout = REQUEST_TIMEOUT_S

    def on_start(self) -> None:
        """Prepare a journey of one's own, once the shop is open."""
        session = _desk.session()
        self.client.base_url = session.plan.api
        http: Any = self.client
        self.source = Source(session.journey(http), session.plan, self._is_stopped, self._dropped)
        self.pause = thinking(session.plan.think_s, random.Random())

    def wait_time(self) -> float:
        """Seconds to think."""
        return self.pause() if self.pause is not None else 0.0

    @task
    def load(self) -> None:
        """One iteration; at a rate, all that arrive until the test is stopped."""
        self.source.run()

    def _is_stopped(self) -> bool:
        return self._state != LOCUST_STATE_RUNNING

    def _dropped(self, _: float) -> None:
        self.environment.events.request.fire(
            request_type="OPEN",
            name="arrival that could not start",
            response_time=0,
            response_length=0,
            exception=OverflowError(f"{MAX_IN_FLIGHT} iterations of one user wait for an answer"),
            context={},
        )


@events.init_command_line_parser.add_listener  # type: ignore[untyped-decorator]
def _add_options(parser: LocustArgumentParser) -> None:
    """What Locust's start page asks for beside users and host."""
    # Not in a group of their own: Locust's page shows only what its parser itself was given.
    names = scenarios.on_page()
    parser.add_argument("--scenario", choices=names, default="order", help="What an iteration does")
    parser.add_argument("--rate", type=float, default=0.0, help="Arrivals a second of each user; 0: users in a loop")
    parser.add_argument("--arrivals", choices=PATTERNS, default="even", help="At a rate: how arrivals are spaced")
    parser.add_argument("--think", type=parse_duration, default=1.0, help="In a loop: seconds to think, on average")
    parser.add_argument("--endpoint", default="", help="The AWS endpoint, where --host is the Shop API's own address")
    parser.add_argument(
        "--allow-remote", action="store_true", include_in_web_ui=False, help="Load for other machines than this one"
    )


@events.init.add_listener  # type: ignore[untyped-decorator]
def _take_up(environment: Environment, **_: Any) -> None:
    """Have the main process open the shop, and each generating process take that up."""
    runner = environment.runner
    if runner is None:
        return
    opening = Opening(environment)
    if not isinstance(runner, WorkerRunner):
        opening.take_up(runner)
    if not isinstance(runner, MasterRunner):
        allow_many_sockets()
        _desk.take_up(environment, runner)
    if not isinstance(runner, WorkerRunner):
        environment.events.test_stop.add_listener(opening.on_test_stop)  # type: ignore[no-untyped-call]
