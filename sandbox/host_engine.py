"""LocalStack from PyPI as a supervised background process on 127.0.0.1."""

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from sandbox import engine_environment, preflight, processes
from sandbox.engines import Tell, nobody, stop_after_failure
from sandbox.errors import EngineError
from sandbox.paths import ENGINE_SOURCES, ROOT, Installation

_START_LIMIT_S = 180.0  # its end is seen at once; a start on a busy machine has taken more than a minute
_STOP_LIMIT_S = 4.0
_POLL_S = 0.1
_LOG_LINES = 20


@dataclass(frozen=True)
class HostEngine:
    """One engine: its run folder (``pid.json``, ``engine.log``, scratch), its port, what it is installed from.

    The run folder's path is also the instance's mark: see :mod:`sandbox.processes`. ``adapt`` changes the settings
    that it would start with.
    """

    run: Path
    port: int
    installation: Installation
    adapt: Callable[[dict[str, str]], dict[str, str]] = dict

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def instance(self) -> str:
        return str(self.run)

    @property
    def log(self) -> Path:
        return self.run / "engine.log"

    @property
    def where_log(self) -> str:
        return str(self.log)

    def platform(self) -> str | None:
        return None

    def is_ready(self) -> bool:
        """Whether this very engine answers on its port, and its services with it."""
        return self._status() == "ready"

    def is_outdated(self) -> bool:
        """Whether code of the engine was written since it started: it runs on with what it had."""
        started = (self.run / "pid.json").stat().st_mtime
        return any(source.stat().st_mtime > started for source in ENGINE_SOURCES.rglob("*.py"))

    def start(self, say: Tell = nobody, show: Tell = nobody, *, lifeline: int | None = None) -> None:
        """Start it and wait until it answers; leaves nothing running when it does not.

        Leftovers of an instance that crashed are ended first; one that lives and is only slow to answer is waited for.
        ``lifeline`` is one end of a socket pair: the engine ends when the other one is closed, and the other way round.

        Raises:
            SetupError: the port is taken.
            EngineError: LocalStack ended or did not answer within three minutes; says what its log says last.
        """
        if _process(self._pids().get("localstack"), self.instance):
            self._wait_until_ready()
            return
        self.stop()
        if not preflight.is_free(self.port):
            preflight.check_port(self.port, self.instance)
        preflight.record(self.run, preflight.Record(self.port))
        command = [str(self.installation.python), "-m", "sandbox.supervisor", str(self.run)]
        kept = () if lifeline is None else (lifeline,)
        command += [str(descriptor) for descriptor in kept]
        environment = self._environment()
        try:
            with self.log.open("w") as log:
                subprocess.run(
                    command,
                    cwd=ROOT,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    check=False,
                    pass_fds=kept,
                )
            self._wait_until_ready()
        except BaseException:
            stop_after_failure(self, say)
            raise

    def stop(self) -> bool:
        """End it and all that it started, also what a crash left; within five seconds. Does nothing twice.

        Returns whether there was anything to end.
        """
        there = bool(processes.of_instance(self.instance))
        pids = self._pids()
        if supervisor := _process(pids.get("supervisor"), self.instance):
            supervisor.send_signal(signal.SIGTERM)
            processes.wait_until_ended([supervisor], _STOP_LIMIT_S)
        processes.kill(self.instance)
        for record in ("pid.json", "exit.json"):
            (self.run / record).unlink(missing_ok=True)
        preflight.forget(self.run)
        return there

    def end_reason(self) -> str | None:
        """How LocalStack ended, where it ended unasked; None where it runs, was stopped, or never ran."""
        ended = _read(self.run / "exit.json")
        if ended and not ended["asked"]:
            status = ended["status"]
            how = f"was killed by signal {-status}" if status < 0 else f"exited with code {status}"
            return f"LocalStack {how} at {ended['at']}; its data is gone"
        if self._pids() and not processes.of_instance(self.instance):
            return "LocalStack and its supervisor were killed; its data is gone"
        return None

    def last_log_lines(self) -> list[str]:
        return next(self.log_lines()) if self.log.exists() else []

    def log_lines(self) -> Iterator[list[str]]:
        with self.log.open(errors="replace") as log:
            yield [line.rstrip("\n") for line in log.readlines()[-_LOG_LINES:]]
            while True:
                yield [line.rstrip("\n") for line in log.readlines()]

    def _status(self) -> str | None:
        health = preflight.health_at(self.port)
        return health["status"] if health and health.get("instance") == self.instance else None

    def _pids(self) -> dict[str, Any]:
        return _read(self.run / "pid.json") or {}

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _START_LIMIT_S
        while (status := self._status()) != "ready":
            if status not in (None, "starting"):
                raise EngineError(f"{status} (see {self.log})")
            if (self.run / "exit.json").exists() or not processes.of_instance(self.instance):
                raise EngineError(f"LocalStack ended while it started: {self._last_words()} (see {self.log})")
            if time.monotonic() > deadline:
                raise EngineError(
                    f"LocalStack lives and did not answer within {_START_LIMIT_S:.0f} s (see {self.log}): "
                    "the machine may just be slow; run make up again."
                )
            time.sleep(_POLL_S)

    def _last_words(self) -> str:
        lines = [line.strip() for line in self.log.read_text(errors="replace").splitlines() if line.strip()]
        errors = [line for line in lines[-_LOG_LINES:] if "error" in line.lower()]
        return (errors or lines or ["it said nothing"])[-1]

    def _environment(self) -> dict[str, str]:
        listen = f"127.0.0.1:{self.port}"
        return {
            **self.adapt(engine_environment.create(self.installation, self.run, listen, public=listen)),
            processes.MARK: self.instance,
        }


def _process(pid: int | None, instance: str) -> psutil.Process | None:
    """The process with this pid, if it still is one of the instance: pids are used again."""
    try:
        process = psutil.Process(pid) if pid else None
        return process if process and process.environ().get(processes.MARK) == instance else None
    except psutil.Error:
        return None


def _read(path: Path) -> dict[str, Any] | None:
    try:
        content: dict[str, Any] = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return content
