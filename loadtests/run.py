"""One whole run: set up, warm up, load, drain, measure, report, and clean up whatever happens."""

from locust.env import Environment  # isort: skip  (first: it patches the standard library for gevent)

import time
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, Final, Literal

import gevent
from gevent.event import Event
from locust.contrib.fasthttp import FastHttpSession

from loadtests import scenarios
from loadtests.errors import SetupError
from loadtests.fleet import Fleet, assemble
from loadtests.generator import CONNECT_TIMEOUT_S
from loadtests.interrupts import Interrupts
from loadtests.orders import OrderBook
from loadtests.plan import Plan
from loadtests.probe import Probe, subscribed_queue
from loadtests.records import REQUEST_TIMEOUT_S, Batch
from loadtests.result import Functions, Observations, Result
from loadtests.sampler import Sampler
from loadtests.scenarios.base import Scenario
from loadtests.stack import Stack, connect
from loadtests.watch import report

DRAIN_LOOK_S: Final = 0.05
HALTED_DRAIN_S: Final = 1.0
SETTLE_S: Final = 0.5
SETTLE_AT_MOST_S: Final = 3.0

type Say = Callable[[str], None]


def execute(plan: Plan, say: Say) -> Result:
    """Run the plan and return what was observed; `say` is told in a line what happens next.

    Ctrl-C and SIGTERM end it early, with a Result that says `interrupted`. Raises SetupError when nothing, or
    not all of it, could be measured. In each case the queue, the subscription and the processes of the run
    are gone when this returns.
    """
    with Interrupts() as interrupts:
        return _Run(plan, connect(plan.host), interrupts, say).execute()


class _Run:
    """State of one run: the stack, the order book, the requests; and the steps that fill them."""

    def __init__(self, plan: Plan, stack: Stack, interrupts: Interrupts, say: Say) -> None:
        self.plan = plan
        self.stack = stack
        self.interrupts = interrupts
        self.say = say
        self.run_id = uuid.uuid4().hex[:8]
        self.book = OrderBook(f"lt-{self.run_id}-")
        self.seen = Observations()
        self.environment = Environment(host=plan.api)
        self.sampler = Sampler(stack)
        self.functions_before: Functions | None = None
        self.started_at = time.time()

    def execute(self) -> Result:
        scenario = scenarios.load(self.plan.scenario)
        topic_arn = self.stack.topic_arn()
        shop = open_shop(self.plan, scenario, self.environment)
        with ExitStack() as cleanup:
            queue_url = cleanup.enter_context(subscribed_queue(self.stack, topic_arn))
            probe = Probe(self.stack, queue_url, self._hear)
            cleanup.callback(probe.stop)
            probe.start()
            cleanup.callback(self.sampler.stop)
            self.sampler.start()
            fleet = cleanup.enter_context(
                assemble(self.plan, scenario, shop, f"lt-{self.run_id}-", self.environment, self._gather)
            )
            self._load(fleet, scenario)
            self._drain()
            self._settle(probe)
            self.sampler.stop()
            return self._result(probe)

    def _load(self, fleet: Fleet, scenario: Scenario) -> None:
        fleet.start(self.interrupts)
        if self.interrupts.happened.is_set():
            return
        self.started_at = fleet.go(scenario.lead_s)
        self.say(describe(self.plan))
        if not self.interrupts.wait(Event(), self.started_at - time.time()) and not self.interrupts.happened.is_set():
            self.functions_before = self.stack.functions()
        fleet.wait(self.interrupts)
        if self.interrupts.happened.is_set():
            self.say("interrupted: stopping; again Ctrl-C leaves out the report")
            fleet.halt()

    def _drain(self) -> None:
        """Wait until every accepted order is decided and told of, at most `drain_s`, and shortly after a
        signal.

        A missing `notified` is waited for as well, though an order without it is not lost.
        """
        wait_s = HALTED_DRAIN_S if self.interrupts.happened.is_set() else self.plan.drain_s
        deadline = time.monotonic() + wait_s
        if self.book.outstanding:
            self.say(f"waiting for {self.book.outstanding} orders under way, at most {wait_s:g} s")
        while (self.book.outstanding or self.book.unnotified) and time.monotonic() < deadline:
            gevent.sleep(DRAIN_LOOK_S)
            if self.interrupts.happened.is_set():
                deadline = min(deadline, time.monotonic() + HALTED_DRAIN_S)

    def _settle(self, probe: Probe) -> None:
        """Listen on for a moment: what comes twice comes right behind the first, and nobody waits for it."""
        deadline = time.monotonic() + SETTLE_AT_MOST_S
        while not self.interrupts.happened.is_set() and time.monotonic() < deadline:
            quiet_s = time.monotonic() - probe.last_heard
            if quiet_s >= SETTLE_S:
                return
            gevent.sleep(SETTLE_S - quiet_s)

    def _hear(self, message: dict[str, Any]) -> None:
        order = self.book.hear(message)
        if order is not None:
            report(self.environment, order)

    def _gather(self, batch: Batch) -> None:
        self.seen.requests.extend(batch.requests)
        self.seen.dropped.extend(batch.dropped)
        for placed in batch.placed:
            self.book.place(placed)

    def _result(self, probe: Probe) -> Result:
        state: Literal["complete", "interrupted"] = "interrupted" if self.interrupts.happened.is_set() else "complete"
        planned_end = self.started_at + self.plan.duration_s
        return Result(
            plan=self.plan,
            run_id=self.run_id,
            state=state,
            engine=self.plan.engine or self.stack.engine(),
            started_at=self.started_at,
            ended_at=planned_end if state == "complete" else max(self.started_at, min(planned_end, time.time())),
            orders=list(self.book),
            requests=self.seen.requests,
            dropped=self.seen.dropped,
            samples=self.sampler.samples,
            dead_letters=self.sampler.dead_letters,
            functions_before=self.functions_before,
            functions_after=self.stack.functions(),
            unreadable=self.book.unreadable,
            probe_errors=probe.errors,
        )


def open_shop(plan: Plan, scenario: Scenario, environment: Environment) -> dict[str, Any]:
    """Log in and read the catalogue, once for all processes. Raises SetupError when the API refuses."""
    http = FastHttpSession(
        plan.api,
        environment.events.request,
        None,
        connection_timeout=CONNECT_TIMEOUT_S,
        network_timeout=REQUEST_TIMEOUT_S,
    )
    try:
        return scenario.open(http)  # type: ignore[arg-type]  # Locust types its context manager loosely
    except SetupError as error:
        raise SetupError(f"the Shop API at {plan.api} is not ready: {error}") from error


def describe(plan: Plan) -> str:
    """One line about the load that is to come."""
    if plan.rate is not None:
        spaced = "evenly spaced," if plan.arrivals == "even" else "as a Poisson process,"
        load = f"{plan.rate:g} orders a second, {spaced}"
    else:
        pause = f" with {plan.think_s:g} s to think" if plan.think_s else ""
        load = f"{plan.users} users in a loop{pause}"
    workers = f" from {plan.workers} processes" if plan.workers > 1 else ""
    return f"{plan.scenario}: {load} for {plan.duration_s:g} s{workers}, after {plan.warmup_s:g} s to warm up"
