"""The processes that generate load: this one alone, or several workers that Locust's master directs.

One process is Locust's LocalRunner. More are a MasterRunner here, which generates nothing and only gathers,
and one WorkerRunner in each child process. Either way the same messages pass (`messages`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import gevent
from gevent.event import Event
from locust.env import Environment
from locust.rpc import Message
from locust.runners import HEARTBEAT_INTERVAL, HEARTBEAT_LIVENESS, STATE_MISSING, MasterRunner, Runner

from loadtests import messages, workers
from loadtests.batch import Batch
from loadtests.clock import Offset
from loadtests.drain import longest_s
from loadtests.errors import SetupError, WorkerLostError
from loadtests.generator import Generator, shopper
from loadtests.interrupts import Interrupts
from loadtests.job import Job
from loadtests.master import read
from loadtests.scenarios.base import Scenario
from loadtests.stack import Stack

START_TIMEOUT_S: Final = 60.0
END_TIMEOUT_S: Final = 5.0
LOOK_S: Final = 0.25
JOIN_TIMEOUT_S: Final = 600.0
"""For workers that somebody starts on other machines."""

GO_AHEAD_S: Final = 0.3
"""Between the word and the first instant: time for the word to reach every process."""

MISSING_HEARTBEATS: Final = 10
HALTED_DRAIN_S: Final = 1.0
DRAIN_GRACE_S: Final = 10.0
"""After the longest drain: time to settle, and to tell what is left."""

type BatchListener = Callable[[Batch], None]


class Fleet:
    """All generating processes of a run, as the main process sees them.

    Workers *join*, when they have understood their job; users are *started*, then *ready*; `go` names the
    instant at which they all begin; each is *finished* in its time; `drain` has every process wait for its
    orders until it is *drained*. Batches that arrive meanwhile are handed to `heard`.
    """

    def __init__(
        self, jobs: Sequence[Job], runner: Runner, heard: BatchListener, processes: Sequence[workers.Worker]
    ) -> None:
        self._jobs = jobs
        self._plan = jobs[0].plan
        self._runner = runner
        self._heard = heard
        self._processes = processes
        self._users = self._plan.users or self._plan.workers
        self._joined = self._ready = self._finished = self._drained = 0
        self._here: list[str] = []
        self._clients: list[str] = []
        self._failure: str | None = None
        self.all_joined = Event()
        self.all_ready = Event()
        self.all_finished = Event()
        self.all_drained = Event()
        runner.register_message(messages.HERE, self._on_here)
        runner.register_message(messages.JOINED, self._on_joined)
        runner.register_message(messages.FAILED, self._on_failed)
        runner.register_message(messages.READY, self._on_ready)
        runner.register_message(messages.BATCH, self._on_batch)
        runner.register_message(messages.FINISHED, self._on_finished)
        runner.register_message(messages.DRAINED, self._on_drained)

    def start(self, interrupts: Interrupts) -> None:
        """Give out the jobs, start the users everywhere and return when all are ready, or at a signal. Raises
        SetupError if they never are.
        """
        if isinstance(self._runner, MasterRunner):
            self._give_jobs(self._runner, interrupts)
            if interrupts.happened.is_set():
                return
        deadline = time.monotonic() + START_TIMEOUT_S
        gevent.spawn(self._runner.start, self._users, spawn_rate=self._users)
        while not interrupts.wait(self.all_ready, LOOK_S) and not interrupts.happened.is_set():
            self._check(deadline, f"only {self._ready} of {self._users} users were ready")

    def go(self, lead_s: float, shift_s: float) -> float:
        """Let the load begin; return when the measured window does (epoch seconds by the stack's clock, which is
        `shift_s` ahead of ours).
        """
        start = time.time() + shift_s + GO_AHEAD_S + lead_s + self._plan.warmup_s
        self._runner.send_message(messages.GO, {"start": start})
        return start

    def wait(self, interrupts: Interrupts) -> None:
        """Return when every user is finished, or at a signal. Raises WorkerLostError if a process ends
        before.
        """
        while not interrupts.wait(self.all_finished, LOOK_S) and not interrupts.happened.is_set():
            self._check()

    def halt(self) -> None:
        """Start nothing more, and wait until what was under way is reported, a few seconds at most."""
        self._runner.send_message(messages.HALT)
        self.all_finished.wait(END_TIMEOUT_S)

    def drain(self, interrupts: Interrupts) -> None:
        """Have every process wait for its orders, at most `drain_s` and shortly after a signal, and return when
        all have told what is left. Raises WorkerLostError if one never does.
        """
        if isinstance(self._runner, MasterRunner) and not self.all_joined.is_set():
            return
        is_halted = interrupts.happened.is_set()
        deadline = self._send_drain(HALTED_DRAIN_S if is_halted else self._plan.drain_s, settle=not is_halted)
        while not self.all_drained.wait(LOOK_S):
            if interrupts.happened.is_set() and not is_halted:
                is_halted = True
                deadline = self._send_drain(HALTED_DRAIN_S, settle=False)
            self._check()
            if time.monotonic() > deadline:
                raise WorkerLostError("a load generating process did not tell what became of its orders")

    def _send_drain(self, limit_s: float, *, settle: bool) -> float:
        self._runner.send_message(messages.DRAIN, {"limit_s": limit_s, "settle": settle})
        return time.monotonic() + longest_s(limit_s, settle=settle) + DRAIN_GRACE_S

    def _give_jobs(self, runner: MasterRunner, interrupts: Interrupts) -> None:
        deadline = time.monotonic() + (JOIN_TIMEOUT_S if self._plan.master else START_TIMEOUT_S)
        while len(chosen := self._ready_clients(runner)) < len(self._jobs) and not interrupts.happened.is_set():
            self._check(deadline, f"only {len(chosen)} of {len(self._jobs)} workers came")
            interrupts.happened.wait(0.05)
        chosen = chosen[: len(self._jobs)]
        for job, client_id in zip(self._jobs, chosen, strict=False):
            runner.send_message(messages.JOB, job.to_message(), client_id)
        self._clients = chosen
        while not interrupts.wait(self.all_joined, LOOK_S) and not interrupts.happened.is_set():
            self._check(deadline, f"only {self._joined} of {len(self._jobs)} workers took their job")
        dismiss_others(runner, chosen)

    def _ready_clients(self, runner: MasterRunner) -> list[str]:
        """Those that can take a job, as they came."""
        ready = {client.id for client in runner.clients.ready}
        return [client_id for client_id in self._here if client_id in ready]

    def _check(self, deadline: float | None = None, missing: str = "") -> None:
        if self._failure is not None:
            raise SetupError(self._failure)
        for process in self._processes:
            if (code := process.poll()) is not None and not self.all_drained.is_set():
                raise WorkerLostError(
                    f"a load generating process (pid {process.pid}) ended with exit code {code} "
                    "before its load did; try fewer WORKERS"
                )
        if isinstance(self._runner, MasterRunner) and not self.all_drained.is_set():
            check_alive(self._runner, self._clients)
        if deadline is not None and time.monotonic() > deadline:
            raise SetupError(f"{missing} in time; see the errors above, or try fewer WORKERS")

    def _on_here(self, msg: Any, **_: Any) -> None:
        self._here.append(msg.node_id)

    def _on_joined(self, **_: Any) -> None:
        self._joined += 1
        if self._joined >= len(self._jobs):
            self.all_joined.set()

    def _on_failed(self, msg: Any, **_: Any) -> None:
        self._failure = str(msg.data["error"])

    def _on_ready(self, **_: Any) -> None:
        self._ready += 1
        if self._ready >= self._users:
            self.all_ready.set()

    def _on_batch(self, msg: Any, **_: Any) -> None:
        self._heard(Batch.from_message(msg.data))

    def _on_finished(self, **_: Any) -> None:
        self._finished += 1
        if self._finished >= self._users:
            self.all_finished.set()

    def _on_drained(self, **_: Any) -> None:
        self._drained += 1
        if self._drained >= len(self._jobs):
            self.all_drained.set()


@contextmanager
def assemble(
    jobs: Sequence[Job],
    scenario: Scenario,
    stack: Stack,
    offset: Offset | None,
    environment: Environment,
    heard: BatchListener,
) -> Iterator[Fleet]:
    """Start the processes of a run, one for each job, and yield them; none is left when the block ends, however
    it ends. `offset` is of this process's clock.
    """
    if not jobs[0].plan.is_distributed:
        generator = Generator(jobs[0], scenario, stack, offset)
        environment.user_classes = [shopper(generator.run)]
        runner: Runner = environment.create_local_runner()
        try:
            generator.attach(runner)
            yield Fleet(jobs, runner, heard, [])
        finally:
            generator.close()
            runner.quit()
        return
    environment.user_classes = [shopper(_never)]
    meeting = jobs[0].plan.master
    master = environment.create_master_runner(*(read(meeting) if meeting else ("127.0.0.1", 0)))
    processes: list[workers.Worker] = []
    try:
        if meeting is None:
            processes.extend(workers.start(f"127.0.0.1:{master.server.port}") for _ in jobs)
        yield Fleet(jobs, master, heard, processes)
    finally:
        master.quit()
        workers.end(processes)


def check_alive(runner: MasterRunner, clients: Sequence[str]) -> None:
    """Raise WorkerLostError for a worker that took its leave or was not heard of for long. Locust itself calls one
    missing after three seconds, which a machine under load may need.
    """
    for client_id in clients:
        client = runner.clients.get(client_id)
        if client is None:
            raise WorkerLostError(f"the worker {client_id} has gone before its load was over")
        if client.state == STATE_MISSING and client.heartbeat < -MISSING_HEARTBEATS:
            silent_s = (MISSING_HEARTBEATS + HEARTBEAT_LIVENESS) * HEARTBEAT_INTERVAL
            raise WorkerLostError(
                f"the worker {client_id} has gone before its load was over, or was stopped: not a word for {silent_s} s"
            )


def dismiss_others(runner: MasterRunner, chosen: Sequence[str]) -> None:
    """Send workers home that came and are not needed: Locust would give them users."""
    for client_id in [client_id for client_id in runner.clients if client_id not in chosen]:
        del runner.clients[client_id]
        runner.server.send_to_client(Message("quit", None, client_id))  # type: ignore[no-untyped-call]


def _never(_: object) -> None:
    """A master runs no users."""
