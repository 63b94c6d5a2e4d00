"""One whole run: set up, warm up, load, drain, measure, report, and clean up whatever happens."""

from locust.env import Environment  # isort: skip  (first: it patches the standard library for gevent)

import time
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from typing import Any, cast

from locust.contrib.fasthttp import FastHttpSession

from loadtests import cold_starts, revision, scenarios
from loadtests.arrivals.schedule import Schedule, Share, Timetable
from loadtests.clock import Offset, estimate
from loadtests.cpu import Meter, Usage
from loadtests.errors import SetupError
from loadtests.fleet import GO_AHEAD_S, Fleet, assemble
from loadtests.generator import CONNECT_TIMEOUT_S, HALT_GRACE_S
from loadtests.heartbeat import heartbeat
from loadtests.interrupts import Interrupts
from loadtests.job import Job, prefix_of
from loadtests.plan import Plan
from loadtests.probe import remove_orphans, subscribed_queue
from loadtests.progress import Progress, shown
from loadtests.records import REQUEST_TIMEOUT_S
from loadtests.result import Functions, Observations, Result, State
from loadtests.sampler import Sampler
from loadtests.scenarios.base import Divisible, Http, Scenario
from loadtests.screen import Screen
from loadtests.stack import Stack, connect
from loadtests.usage_looks import AT_MOST_S, ROUTE, UsageLooks


def execute(plan: Plan, screen: Screen, interrupts: Interrupts | None = None) -> Result:
    """Run the plan and return what was observed; `screen` is told what happens next, and how it stands. `interrupts`,
    entered, are the caller's where the run is one of several; else it has its own.

    Ctrl-C and SIGTERM end it early, with a Result that says `interrupted`, and so does a stack that answers no
    more: `died`. Raises KeyboardInterrupt for a signal before the load, or a second one, and SetupError when
    nothing, or not all of it, could be measured. In each case the queue, the subscription and the processes of
    the run are gone when this returns.
    """
    if interrupts is not None:
        return _Run(plan, connect(plan.address), interrupts, screen).execute()
    with Interrupts() as own:
        return _Run(plan, connect(plan.address), own, screen).execute()


class _Run:
    """State of one run: the stack, what the processes tell; and the steps that fill it."""

    def __init__(self, plan: Plan, stack: Stack, interrupts: Interrupts, screen: Screen) -> None:
        self.plan = plan
        self.stack = stack
        self.interrupts = interrupts
        self.screen = screen
        self.run_id = uuid.uuid4().hex[:8]
        self.seen = Observations()
        self.environment = Environment(host=plan.api)
        self.sampler = Sampler(stack)
        self.usage = UsageLooks(lambda: stack.route(ROUTE))
        self.engine: str | None = plan.engine
        self.flow: str | None = None
        self.functions_before: Functions | None = None
        self.offset: Offset | None = None
        self.meter = Meter()
        self.main_used = Usage()
        self.progress = Progress(plan, self.seen, self._now)
        self.started_at = time.time()
        self.gone_at: float | None = None
        self.commit = revision.commit()

    @property
    def _shift_s(self) -> float:
        """What to add to this process's time to have the stack's."""
        return self.offset.shift_s if self.offset is not None else 0.0

    def _now(self) -> float:
        """Epoch seconds by the stack's clock."""
        return time.time() + self._shift_s

    def execute(self) -> Result:
        scenario = scenarios.of(self.plan)
        topic_arn = self.stack.topic_arn()
        self.engine = self.plan.engine or self.stack.engine()
        self.flow = self.stack.flow(topic_arn)
        shop = open_shop(self.plan, scenario, self.environment)
        remove_orphans(self.stack, topic_arn)
        with ExitStack() as cleanup:
            jobs = [self._job(scenario, shop, worker, topic_arn, cleanup) for worker in range(self.plan.workers)]
            self.offset = estimate(self.stack, jobs[0].queue_url)
            cleanup.callback(self.sampler.stop)
            self.sampler.start()
            fleet = cleanup.enter_context(
                assemble(jobs, scenario, self.stack, self.offset, self.environment, self.progress.add)
            )
            with heartbeat(self.stack.answers, self._gone) as look, shown(self.progress, self.screen.show):
                self._load(fleet, scenario, look)
                self._drain(fleet, look)
            self.sampler.stop()
            state: State = self.interrupts.why or "complete"
            self._follow()  # the orders are done: an interrupt in here costs their cost alone
            return self._result(self._close(scenario, shop), state)

    def _job(self, scenario: Scenario, shop: dict[str, Any], worker: int, topic_arn: str, cleanup: ExitStack) -> Job:
        prefix = prefix_of(self.run_id, worker)
        queue_url = cleanup.enter_context(subscribed_queue(self.stack, topic_arn, prefix))
        share = Share(worker, self.plan.workers)
        mine = scenario.part(shop, share) if isinstance(scenario, Divisible) else shop
        return Job(self.plan, mine, worker, prefix, queue_url)

    def _load(self, fleet: Fleet, scenario: Scenario, look: Callable[[], None]) -> None:
        if self.plan.master:
            told = "1 worker" if self.plan.workers == 1 else f"{self.plan.workers} workers"
            self.screen.say(f"waiting for {told}: python -m loadtests.worker --master {self.plan.master}")
        fleet.start(self.interrupts)
        self.usage.begin()
        self.interrupts.hold()
        self.started_at = self.progress.start = fleet.go(scenario.lead_s, self._shift_s)
        self.screen.say(describe(self.plan, scenario))
        if not self.interrupts.happened.wait(max(0.0, self.started_at - self._now())):
            self.functions_before = self.stack.functions()
        self.meter.mark()
        fleet.wait(self.interrupts)
        if self.plan.is_distributed:
            self.main_used = self.meter.used()
        self._look(look)
        if self.interrupts.happened.is_set():
            gone = f"{self.stack.address.name} answers no more"
            self.screen.say(f"{gone if self.gone_at else 'interrupted'}: stopping; again Ctrl-C leaves out the report")
            fleet.halt()

    def _drain(self, fleet: Fleet, look: Callable[[], None]) -> None:
        if not self.interrupts.happened.is_set() and (outstanding := self.seen.total("outstanding")):
            orders = "1 order" if outstanding == 1 else f"{outstanding} orders"
            self.screen.say(f"waiting for {orders} under way, at most {self.plan.drain_s:g} s")
        fleet.drain(self.interrupts)
        self._look(look)

    def _follow(self) -> None:
        """What the orders cause behind them, as the analytics, is a part of what they cost."""
        if self.usage.before is not None and not self.interrupts.happened.is_set():
            self.screen.say(f"waiting for what follows, for its cost, at most {AT_MOST_S:g} s")
            self.usage.end(self.interrupts.happened)
            if missing := self.usage.missing():
                self.screen.say(f"no cost: {missing}")

    def _look(self, look: Callable[[], None]) -> None:
        """Whether the stack is there at the end of this part, too; a run that was ended does not need it any more."""
        if not self.interrupts.happened.is_set():
            look()

    def _close(self, scenario: Scenario, shop: dict[str, Any]) -> dict[str, Any] | None:
        if self.gone_at:
            return None
        http, orders = shop_http(self.plan, self.environment), list(self.seen.orders.values())
        return self.interrupts.patiently(lambda: scenario.close(http, shop, orders), HALT_GRACE_S)

    def _gone(self, since: float) -> None:
        self.gone_at = since + self._shift_s
        self.interrupts.end("died")

    def _result(self, outcome: dict[str, Any] | None, state: State) -> Result:
        planned_end = self.started_at + self.plan.duration_s
        end = self.gone_at if self.gone_at and state == "died" else self._now()
        return Result(
            plan=self.plan,
            run_id=self.run_id,
            state=state,
            engine=self.engine,
            flow=self.flow,
            started_at=self.started_at,
            ended_at=planned_end if state == "complete" else max(self.started_at, min(planned_end, end)),
            orders=list(self.seen.orders.values()),
            requests=self.seen.requests,
            dropped=self.seen.dropped,
            samples=[replace(sample, at=sample.at + self._shift_s) for sample in self.sampler.samples],
            dead_letters=self.sampler.dead_letters,
            functions_before=self.functions_before,
            functions_after=self.stack.functions(),
            counters=self.seen.counters,
            main_used=self.main_used,
            histograms=self.seen.histograms,
            inits_ms=self._inits_ms(),
            outcome=outcome,
            commit=self.commit,
            usage_before=self.usage.before,
            usage_after=self.usage.after,
        )

    def _inits_ms(self) -> dict[str, float] | None:
        """Cold starts of the functions that the orders came by."""
        functions = {leg.function for order in self.seen.orders.values() for leg in order.via}
        if not functions:
            return None
        since = self.started_at - self.plan.warmup_s - GO_AHEAD_S
        return cold_starts.inits_ms(self.stack.logs, functions, since, self._now())


def open_shop(plan: Plan, scenario: Scenario, environment: Environment) -> dict[str, Any]:
    """Log in and read the catalogue, once for all processes. Raises SetupError when the API refuses."""
    try:
        return scenario.open(shop_http(plan, environment))
    except SetupError as error:
        raise SetupError(f"the Shop API at {plan.api} is not ready: {error}") from error


def shop_http(plan: Plan, environment: Environment) -> Http:
    """A client of the Shop API for what comes before and after the load."""
    session: Any = FastHttpSession(
        plan.api,
        environment.events.request,
        None,
        connection_timeout=CONNECT_TIMEOUT_S,
        network_timeout=REQUEST_TIMEOUT_S,
    )
    return cast("Http", session)  # Locust types its context manager loosely


def describe(plan: Plan, scenario: Scenario) -> str:
    """One line about the load that is to come."""
    if schedule := scenarios.schedule(plan):
        load = _arrivals(plan, schedule, scenario.unit)
    else:
        pause = f" with {plan.think_s:g} s to think" if plan.think_s else ""
        load = f"{plan.users} users in a loop{pause}"
    workers = f" from {plan.workers} processes" if plan.workers > 1 else ""
    warm_up = "" if plan.log else f", after {plan.warmup_s:g} s to warm up"
    return f"{plan.scenario}: {load} for {plan.duration_s:g} s{workers}{warm_up}"


def _arrivals(plan: Plan, schedule: Timetable, unit: str) -> str:
    if not isinstance(schedule, Schedule):
        return f"{schedule.count} {unit} of {plan.log}, {plan.speed:g} times as fast,"
    spaced = "evenly spaced," if plan.arrivals == "even" else "as a Poisson process,"
    return f"{', '.join(f'{step.rate:g}' for step in schedule.steps)} {unit} a second, {spaced}"
