"""A test in Locust's own hands (`locustfile`): what its main process prepares, and what users in any process take up.

The main process reads the options and opens the shop once, before the first user; each generating process asks it for
both when it hears that the test has started, also one that joins late. So a scenario that changes the shop as it
opens does so once, and options changed while a test runs count from the next start on.
"""

from __future__ import annotations

import itertools
import logging
import os
import uuid
from argparse import Namespace
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import gevent
from gevent.event import Event
from locust.env import Environment
from locust.runners import Runner

from loadtests import exit_codes, scenarios
from loadtests.address import require_allowed
from loadtests.arrivals.open_model import at_once
from loadtests.errors import LoadtestError
from loadtests.plan import MAX_USERS, Plan, check
from loadtests.records import Placed
from loadtests.run import open_shop, shop_http
from loadtests.scenarios.base import Http, Journey, Scenario
from loadtests.watch import Watch

ASK: Final = "loadtests-ask"
"""Generating process → main: what shall be done?"""

OPENED: Final = "loadtests-opened"
"""main → generating process: `{"plan": …, "shop": …}`. It is not sent where the shop could not be opened."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Session:
    """What the users of one process share while a test runs. `placed` is told of their orders; no two users of a test
    have the same of the `seeds`.
    """

    plan: Plan
    scenario: Scenario
    shop: dict[str, Any]
    prefix: str
    placed: Callable[[Placed], None]
    seeds: Iterator[int]

    def journey(self, http: Http) -> Journey:
        """Another user's."""
        schedule = scenarios.schedule(self.plan)
        busy = 1 if schedule is None else at_once(schedule.peak, self.scenario.lead_s)
        return self.scenario.journey(http, self.shop, self.prefix, self.placed, next(self.seeds), busy)


class Desk:
    """A generating process's side: asks for the session, and listens for what becomes of its orders.

    It is made when the locustfile is read and put to work when Locust's runner is there: between the two Locust forks
    (`--processes`), and each process has to have a prefix of its own.
    """

    def __init__(self) -> None:
        self._opened = Event()
        self._session: Session | None = None
        self._prefix = ""
        self._watch: Watch | None = None

    def take_up(self, environment: Environment, runner: Runner) -> None:
        """Begin to listen to Locust."""
        self._prefix = f"lt-{uuid.uuid4().hex[:8]}-{os.getpid()}-"
        self._watch = watch = Watch(environment, self._prefix)
        runner.register_message(OPENED, self.on_opened)
        environment.events.test_start.add_listener(self.on_test_start)  # type: ignore[no-untyped-call]
        environment.events.test_stop.add_listener(watch.on_test_stop)  # type: ignore[no-untyped-call]
        environment.events.quitting.add_listener(watch.close)  # type: ignore[no-untyped-call]

    def session(self) -> Session:
        """The test's; waits until there is one, without end where the shop could not be opened."""
        while self._session is None:
            self._opened.wait()
        return self._session

    def on_test_start(self, environment: Environment, **_: Any) -> None:
        """Forget the last test and ask for this one."""
        self._opened.clear()
        self._session = None
        if environment.runner is not None:
            environment.runner.send_message(ASK)

    def on_opened(self, environment: Environment, msg: Any, **_: Any) -> None:
        """The main process answered: listen, then let the users begin."""
        plan = Plan(**msg.data["plan"])
        if self._watch is not None:
            self._watch.start(plan.address)
        scenario = scenarios.load(plan.scenario)
        seeds = itertools.count(MAX_USERS * max(0, getattr(environment.runner, "worker_index", 0)))
        self._session = Session(plan, scenario, msg.data["shop"], self._prefix, self._placed, seeds)
        self._opened.set()

    def _placed(self, placed: Placed) -> None:
        if self._watch is not None:
            self._watch.placed(placed)


class Opening:
    """The main process's side. A shop that cannot be opened ends the test, with the reason in Locust's log."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._answer: dict[str, Any] | None = None
        self._plan: Plan | None = None

    def take_up(self, runner: Runner) -> None:
        """Begin to listen to Locust."""
        events = self._environment.events
        events.test_start.add_listener(self.on_test_start)  # type: ignore[no-untyped-call]
        events.spawning_complete.add_listener(self.on_spawning_complete)  # type: ignore[no-untyped-call]
        runner.register_message(ASK, self.on_ask)

    def on_test_start(self, **_: Any) -> None:
        """Read the options and open the shop."""
        environment = self._environment
        self._answer = self._plan = None
        try:
            plan = plan_of(environment.parsed_options, host_of(environment))
            require_allowed(plan.address, bool(getattr(environment.parsed_options, "allow_remote", False)))
            # An environment of its own: what opening takes is not the load's, and not in its statistics.
            shop = open_shop(plan, scenarios.load(plan.scenario), Environment())
        except LoadtestError as error:
            log.error("%s", error)
            environment.process_exit_code = exit_codes.USAGE_OR_SETUP
            return
        environment.process_exit_code = None
        self._plan = plan
        self._answer = {"plan": plan.to_json(), "shop": shop}

    def on_ask(self, msg: Any, **_: Any) -> None:
        """A generating process heard that the test has started."""
        if self._answer is not None and self._environment.runner is not None:
            self._environment.runner.send_message(OPENED, self._answer, msg.node_id)

    def on_test_stop(self, **_: Any) -> None:
        """See what the shop says in the end; it is in Locust's log. To be called when the orders are waited for."""
        if self._plan is None or self._answer is None:
            return
        http = shop_http(self._plan, Environment())
        outcome = scenarios.load(self._plan.scenario).close(http, self._answer["shop"], [])
        if outcome is not None:
            log.info("%s: %s", self._plan.scenario, ", ".join(f"{name} {value}" for name, value in outcome.items()))

    def on_spawning_complete(self, **_: Any) -> None:
        """End a test that could not begin; Locust cannot be stopped before."""
        runner, options = self._environment.runner, self._environment.parsed_options
        if self._answer is None and runner is not None:
            gevent.spawn(runner.quit if options is not None and options.headless else runner.stop)


def host_of(environment: Environment) -> str:
    """The address that was given, or the user's own."""
    return str(environment.host or environment.user_classes[0].host).rstrip("/")


def plan_of(options: Namespace | None, host: str) -> Plan:
    """The options of a test as a plan. Raises UsageError for one that is out of bounds.

    Its rate is that of *one* user. Locust decides how many users there are and when the test ends: warm-up and drain
    mean nothing here, and the duration is the scenario's own, after which its arrivals begin again.
    """
    given = vars(options) if options is not None else {}
    rate = float(given.get("rate") or 0.0)
    scenario = scenarios.check(given.get("scenario") or "order")
    plan = check(
        Plan(
            scenario=scenario,
            host=host,
            rate=rate or None,
            users=None if rate else 1,
            duration_s=scenarios.load(scenario).defaults.duration_s,
            warmup_s=0.0,
            drain_s=0.0,
            workers=1,
            arrivals=given.get("arrivals") or "even" if rate else "even",
            think_s=0.0 if rate else float(given.get("think") or 0.0),
            endpoint=given.get("endpoint") or None,
        )
    )
    return scenarios.check_load(plan)
