"""The processes that generate load: this one alone, or several workers that Locust's master directs.

One process is Locust's LocalRunner. More are a MasterRunner here, which generates nothing and so has all its
time for the probe, and one WorkerRunner in each child process. Either way the same messages pass
(`messages`).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import gevent
from gevent.event import Event
from locust.env import Environment
from locust.runners import MasterRunner, Runner

from loadtests import messages
from loadtests.errors import SetupError, WorkerLostError
from loadtests.generator import Generator, shopper
from loadtests.interrupts import Interrupts
from loadtests.plan import Plan
from loadtests.records import Batch
from loadtests.scenarios.base import Scenario

START_TIMEOUT_S: Final = 30.0
END_TIMEOUT_S: Final = 5.0
LOOK_S: Final = 0.25
GO_AHEAD_S: Final = 0.3
"""Between the word and the first instant: time for the word to reach every process."""


type Worker = subprocess.Popen[bytes]
type BatchListener = Callable[[Batch], None]


class Fleet:
    """All generating processes of a run, as the main process sees them.

    Users are *started*, then *ready*; `go` names the instant at which they all begin; each is *finished* in
    its time. Batches that arrive meanwhile are handed to `heard`.
    """

    def __init__(self, plan: Plan, runner: Runner, heard: BatchListener, workers: list[Worker]) -> None:
        self._plan = plan
        self._runner = runner
        self._heard = heard
        self._workers = workers
        self._users = plan.users or plan.workers
        self._ready = 0
        self._finished = 0
        self.all_ready = Event()
        self.all_finished = Event()
        runner.register_message(messages.READY, self._on_ready)
        runner.register_message(messages.BATCH, self._on_batch)
        runner.register_message(messages.FINISHED, self._on_finished)

    def start(self, interrupts: Interrupts) -> None:
        """Start the users everywhere and return when all are ready, or at a signal. Raises SetupError if they
        never are.
        """
        deadline = time.monotonic() + START_TIMEOUT_S
        while len(self._connected()) < len(self._workers) and not interrupts.happened.is_set():
            self._check(deadline)
            interrupts.happened.wait(0.05)
        gevent.spawn(self._runner.start, self._users, spawn_rate=self._users)
        while not interrupts.wait(self.all_ready, LOOK_S) and not interrupts.happened.is_set():
            self._check(deadline)

    def go(self, lead_s: float) -> float:
        """Let the load begin; return when the measured window does (epoch seconds)."""
        start = time.time() + GO_AHEAD_S + lead_s + self._plan.warmup_s
        self._runner.send_message(messages.GO, {"start": start})
        return start

    def wait(self, interrupts: Interrupts) -> None:
        """Return when every user is finished, or at a signal. Raises WorkerLostError if a process ends
        before.
        """
        while not interrupts.wait(self.all_finished, LOOK_S) and not interrupts.happened.is_set():
            self._check(None)

    def halt(self) -> None:
        """Start nothing more, and wait until what was under way is reported, a few seconds at most."""
        self._runner.send_message(messages.HALT)
        self.all_finished.wait(END_TIMEOUT_S)

    def _connected(self) -> list[Any]:
        return self._runner.clients.ready if isinstance(self._runner, MasterRunner) else []

    def _check(self, deadline: float | None) -> None:
        for worker in self._workers:
            if (code := worker.poll()) is not None and not self.all_finished.is_set():
                raise WorkerLostError(
                    f"a load generating process (pid {worker.pid}) ended with exit code {code} "
                    "before its load did; try fewer --workers"
                )
        if deadline is not None and time.monotonic() > deadline:
            raise SetupError(
                f"only {self._ready} of {self._users} users were ready after {START_TIMEOUT_S:g} s; "
                "see the errors above, or try fewer --workers"
            )

    def _on_ready(self, **_: Any) -> None:
        self._ready += 1
        if self._ready >= self._users:
            self.all_ready.set()

    def _on_finished(self, **_: Any) -> None:
        self._finished += 1
        if self._finished >= self._users:
            self.all_finished.set()

    def _on_batch(self, msg: Any, **_: Any) -> None:
        self._heard(Batch.from_message(msg.data))


@contextmanager
def assemble(
    plan: Plan,
    scenario: Scenario,
    shop: dict[str, Any],
    prefix: str,
    environment: Environment,
    heard: BatchListener,
) -> Iterator[Fleet]:
    """Start the processes of a run and yield them; none is left when the block ends, however it ends."""
    generator = Generator(plan, scenario, shop, prefix)
    environment.user_classes = [shopper(generator.run)]
    workers: list[Worker] = []
    runner: Runner
    if plan.workers == 1:
        runner = environment.create_local_runner()
        generator.attach(runner)
    else:
        runner = environment.create_master_runner("127.0.0.1", 0)
        job = {"plan": plan.to_json(), "shop": shop, "prefix": prefix, "port": runner.server.port}
    try:
        if plan.workers > 1:
            workers.extend(_start_worker(job) for _ in range(plan.workers))
        yield Fleet(plan, runner, heard, workers)
    finally:
        runner.quit()
        for worker in workers:
            _end(worker)


def _start_worker(job: dict[str, Any]) -> Worker:
    """Start one worker. Its own session keeps the terminal's Ctrl-C from it: the main process decides when it
    ends.
    """
    root = str(Path(__file__).resolve().parents[1])
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    worker = subprocess.Popen(
        [sys.executable, "-m", "loadtests.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": path},
        start_new_session=True,
    )
    if worker.stdin is not None:
        worker.stdin.write(json.dumps(job).encode() + b"\n")
        worker.stdin.flush()
    return worker


def _end(worker: Worker) -> None:
    """Close its input, which it takes for the end; kill it if it does not go."""
    if worker.stdin is not None:
        with suppress(OSError):
            worker.stdin.close()
    try:
        worker.wait(END_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()
