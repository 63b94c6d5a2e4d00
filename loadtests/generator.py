"""The load of one process: waits for the word, runs its share of the arrivals, reports what it did."""

from __future__ import annotations

import random
import resource
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from locust import FastHttpUser, task
from locust.exception import StopUser

if TYPE_CHECKING:
    from locust.runners import Runner

import gevent
from gevent.event import Event
from gevent.pool import Pool

from loadtests import messages
from loadtests.arrivals.clock import wait_until
from loadtests.arrivals.closed_model import ClosedModel, thinking
from loadtests.arrivals.open_model import MAX_IN_FLIGHT, OpenModel, at_once
from loadtests.arrivals.schedule import Share, Timetable
from loadtests.batch import Batch, Counters
from loadtests.clock import Offset
from loadtests.cpu import Meter, Usage
from loadtests.drain import Drain
from loadtests.job import Job
from loadtests.orders import TRACED, OrderBook, trace_every
from loadtests.plan import MAX_ARRIVALS
from loadtests.probe import Probe
from loadtests.recorder import Recorder
from loadtests.records import REQUEST_TIMEOUT_S
from loadtests.scenarios.base import Http, Journey, Scenario, Timed
from loadtests.stack import Stack
from loadtests.watch import report

CONNECT_TIMEOUT_S: Final = 5.0
HALT_GRACE_S: Final = 2.0
"""How long iterations under way may take after Ctrl-C, before they are cut off."""

_OPEN_FILES: Final = 10_000


class SteadyClock:
    """Wall-clock time that a correction of the system's clock cannot bend: anchored once, then monotonic."""

    def __init__(self) -> None:
        self._anchor = time.time() - time.monotonic()

    def time(self) -> float:
        """Epoch seconds."""
        return self._anchor + time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Let other greenlets run."""
        gevent.sleep(seconds)


class Generator:
    """One process's part of a run.

    A user of it is *ready* when it has its journey; it waits for `go`, *runs* its load model until the end or
    `halt`, waits for the iterations under way and is *finished*. At the main process's word the generator then
    *drains*: it waits for its orders, and tells what is left.

    What it tells is in the stack's time: where `offset` says that this machine's clock differs, the recorder
    shifts all instants. The load itself runs by this machine's clock.
    """

    def __init__(self, job: Job, scenario: Scenario, stack: Stack, offset: Offset | None) -> None:
        self.job = job
        self.plan = job.plan
        self._scenario = scenario
        self._clock = SteadyClock()
        self._attached = Event()
        self._go = Event()
        self._halted = Event()
        self._start = float("inf")
        self._users = 0
        self._sent = 0
        self._in_flight = 0
        self._runner: Runner | None = None
        planned = (job.plan.rate or 0) * job.plan.duration_s
        book = OrderBook(job.prefix, job.plan.drain_s, trace_every(planned), TRACED // job.plan.workers)
        self._offset = offset
        self._shift_s = offset.shift_s if offset is not None else 0.0
        self._recorder = Recorder(job.worker, book, self._send, self._shift_s)
        self._probe = Probe(stack, job.queue_url, self._hear)
        self._meter = Meter()
        self._used = Usage()
        self._drain = Drain(self._recorder.book, self._probe)
        self._drains = False

    def attach(self, runner: Runner) -> None:
        """Join a Locust runner, a local or a worker's: listen to its requests, to the stack and to the main
        process.
        """
        self._runner = runner
        allow_many_sockets()
        runner.environment.events.request.add_listener(self._recorder.on_request)  # type: ignore[no-untyped-call]
        runner.register_message(messages.GO, self._on_go)
        runner.register_message(messages.HALT, self._on_halt)
        runner.register_message(messages.DRAIN, self._on_drain)
        runner.greenlet.spawn(self._recorder.run, self._counters)
        self._meter.start()
        self._meter.watch(self._probe.start())
        self._attached.set()

    def close(self) -> None:
        """Stop listening to the stack; a second call does nothing."""
        self._probe.stop()
        self._meter.stop()

    def run(self, http: Http) -> None:
        """One user's life, from ready to finished. In the open model there is one user a process."""
        self._attached.wait()
        number, self._users = self._users, self._users + 1
        seed = number * self.plan.workers + self.job.worker
        placed = self._recorder.placed
        journey = self._scenario.journey(http, self.job.shop, self.job.prefix, placed, seed, self._at_once())
        self._tell(messages.READY)
        self._go.wait()
        try:
            if self.plan.rate is None:
                self._loop(journey, random.Random(f"{self.plan.seed} think {seed}"))
            else:
                mine = Share(self.job.worker, self.plan.workers)
                self._arrive(journey, self._scenario.schedule(self.plan.rate, self.plan.duration_s), mine)
        finally:
            self._used = self._meter.used()
            self._recorder.flush(self._counters())
            self._tell(messages.FINISHED)

    def _counted(self, iterate: Callable[[float], None]) -> Callable[[float], None]:
        """The same, with what has begun and not ended counted."""

        def counted(arrival: float) -> None:
            self._sent += 1
            self._in_flight += 1
            try:
                iterate(arrival)
            finally:
                self._in_flight -= 1

        return counted

    def _arrive(self, journey: Journey, schedule: Timetable, share: Share) -> None:
        orders, browsers = Pool(MAX_IN_FLIGHT), Pool(MAX_IN_FLIGHT)
        plan = self.plan
        if isinstance(journey, Timed):
            journey.begin(self._start)
        mine = schedule.offsets(plan.arrivals, warmup_s=plan.warmup_s, share=share, seed=plan.seed)
        OpenModel(
            arrivals=(self._start + offset for offset in mine),
            iterate=self._counted(journey.iterate),
            dropped=self._recorder.dropped,
            pool=orders,
            clock=self._clock,
            stop=self._halted.is_set,
            prepare=journey.prepare,
            prepare_pool=browsers,
            lead_s=self._scenario.lead_s,
        ).run()
        for pool in (orders, browsers):
            self._finish(pool)

    def _at_once(self) -> int:
        """What one journey of this process has under way."""
        if self.plan.rate is None:
            return 1
        peak = self._scenario.schedule(self.plan.rate, self.plan.duration_s).peak
        return at_once(peak / self.plan.workers, self._scenario.lead_s)

    def _loop(self, journey: Journey, choice: random.Random) -> None:
        model = ClosedModel(
            end=self._start + self.plan.duration_s,
            iterate=self._counted(journey.iterate),
            clock=self._clock,
            stop=lambda: self._halted.is_set() or self._is_full(),
            prepare=journey.prepare,
            think=thinking(self.plan.think_s, choice),
        )
        if not wait_until(self._start - self.plan.warmup_s, self._clock, self._halted.is_set):
            return
        pool = Pool(1)
        pool.spawn(model.run)
        self._finish(pool)

    def _is_full(self) -> bool:
        """Whether users have made as many iterations as this process has memory for."""
        return self._sent >= MAX_ARRIVALS // self.plan.workers

    def _finish(self, pool: Pool) -> None:
        """Wait for what is under way: as long as requests may take, but only briefly after a halt."""
        done = Event()
        waiter = gevent.spawn(lambda: (pool.join(), done.set()))
        gevent.wait([done, self._halted], count=1)
        done.wait(HALT_GRACE_S)
        pool.kill()
        waiter.kill()

    def _on_go(self, msg: Any, **_: Any) -> None:
        start = float(msg.data["start"])
        self._recorder.start = start
        self._start = start - self._shift_s
        gevent.spawn_later(max(0.0, self._start - self._clock.time()), self._meter.mark)
        self._go.set()

    def _on_halt(self, **_: Any) -> None:
        self._halted.set()
        self._go.set()

    def _on_drain(self, msg: Any, **_: Any) -> None:
        self._drain.limit(float(msg.data["limit_s"]), settle=bool(msg.data["settle"]))
        if not self._drains:
            self._drains = True
            gevent.spawn(self._finish_up)

    def _finish_up(self) -> None:
        self._drain.run()
        self._probe.stop()
        self._recorder.finish(self._counters())
        self._tell(messages.DRAINED)

    def _hear(self, message: dict[str, Any]) -> None:
        order = self._recorder.hear(message)
        if order is not None and self._runner is not None:
            report(self._runner.environment, order)

    def _counters(self) -> Counters:
        return {
            "sent": self._sent,
            "in_flight": self._in_flight,
            "full": self.plan.rate is None and self._is_full(),
            "received": self._probe.received,
            "probe_errors": self._probe.errors,
            **asdict(self._used),
            **(asdict(self._offset) if self._offset is not None else {}),
        }

    def _send(self, batch: Batch) -> None:
        self._tell(messages.BATCH, batch.to_message())

    def _tell(self, message: str, data: dict[str, Any] | None = None) -> None:
        if self._runner is not None:
            self._runner.send_message(message, data)


def shopper(run: Callable[[Http], None]) -> type[FastHttpUser]:
    """Make the Locust user that carries a generator: one task, run once, with connections enough for all
    greenlets.
    """

    class Shopper(FastHttpUser):
        concurrency = 2 * MAX_IN_FLIGHT
        connection_timeout = CONNECT_TIMEOUT_S
        network_timeout = REQUEST_TIMEOUT_S

        @task
        def load(self) -> None:
            client: Any = self.client
            run(client)
            raise StopUser

    return Shopper


def allow_many_sockets() -> None:
    """Raise this process's limit of open files as far as it may go; each iteration under way has a socket."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(_OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
