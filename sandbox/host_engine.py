"""LocalStack from PyPI as a supervised background process on 127.0.0.1."""

import json
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from sandbox import engine_environment, preflight, processes
from sandbox.errors import EngineError
from sandbox.paths import ROOT, Installation

_START_LIMIT_S = 60.0
_STOP_LIMIT_S = 4.0
_POLL_S = 0.1
_LOG_LINES = 20
_SOURCES = ROOT / "engine" / "loadstack_engine"

Progress = Callable[[str], None]


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

    def is_ready(self) -> bool:
        """Whether this very engine answers on its port, and its services with it."""
        return self._status() == "ready"

    def is_outdated(self) -> bool:
        """Whether code of the engine was written since it started: it runs on with what it had."""
        started = (self.run / "pid.json").stat().st_mtime
        return any(source.stat().st_mtime > started for source in _SOURCES.rglob("*.py"))

    def start(self) -> None:
        """Start it and wait until it answers; leaves nothing running when it does not.

        Leftovers of an instance that crashed are ended first; one that lives and is only slow to answer is waited for.

        Raises:
            SetupError: the port is taken.
            EngineError: LocalStack ended or did not answer within a minute; says what its log says last.
        """
        if _process(self._pids().get("localstack"), self.instance):
            self._wait_until_ready()
            return
        self.stop()
        if not preflight.is_free(self.port):
            preflight.check_port(self.port, self.instance)
        self.run.mkdir(parents=True, exist_ok=True)
        preflight.record_port(self.run, self.port)
        command = [str(self.installation.python), "-m", "sandbox.supervisor", str(self.run)]
        environment = self._environment()
        try:
            with self.log.open("w") as log:
                subprocess.run(
                    command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False
                )
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End it and all that it started, also what a crash left; within five seconds. Does nothing twice."""
        pids = self._pids()
        if supervisor := _process(pids.get("supervisor"), self.instance):
            supervisor.send_signal(signal.SIGTERM)
            processes.wait_until_ended([supervisor], _STOP_LIMIT_S)
        processes.kill(self.instance)
        for record in ("pid.json", "exit.json"):
            (self.run / record).unlink(missing_ok=True)
        preflight.forget_port(self.run)

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
                raise EngineError(f"LocalStack did not answer within {_START_LIMIT_S:.0f} s (see {self.log})")
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
