"""LocalStack in a container, by the service ``localstack`` of docker-compose.yml."""

import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sandbox import compose_log, docker, preflight
from sandbox.docker import Container, DockerError, Project
from sandbox.engines import Tell, nobody, stop_after_failure
from sandbox.errors import EngineError, NotRunningError, SetupError
from sandbox.paths import ENGINE_SOURCES, ROOT

_START_LIMIT_S = 180.0  # its end is seen at once; a start on a busy machine has taken 100 s
_STOP_GRACE_S = 3
_POLL_S = 0.2
_ARCHITECTURES = {"amd64": "x86_64", "arm64": "aarch64"}
_WITHOUT = "make up ENGINE=host does without"


@dataclass(frozen=True)
class ComposeEngine:
    """One engine in a container. ``run`` is where it is recorded that it was started, and what compose said."""

    run: Path
    port: int
    project: Project

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def where_log(self) -> str:
        return f"docker compose logs {docker.SERVICE}"

    def platform(self) -> str | None:
        if sys.platform == "linux":
            return None
        architecture = self.project.docker.architecture()
        return f"{_ARCHITECTURES.get(architecture, architecture)}-manylinux_2_28"

    def is_ready(self) -> bool:
        if not self._is_healthy():  # at once, where asking a lame Docker takes seconds
            return False
        try:
            found = self.project.container()
        except SetupError:
            return False
        return found is not None and self._answers(found)

    def is_outdated(self) -> bool:
        record = self.run / "engine.json"
        if not record.exists():  # started by docker compose up
            return False
        started = record.stat().st_mtime
        return any(source.stat().st_mtime > started for source in ENGINE_SOURCES.rglob("*.py"))

    def start(self, say: Tell = nobody, show: Tell = nobody) -> None:
        """Build the image where its sources changed, start the container, and wait until it answers.

        Raises:
            SetupError: Docker or compose is missing, or the port is taken.
            EngineError: the image could not be built, or LocalStack did not start; says what was said last.
        """
        compose = self.project.docker.require_compose()
        found = self.project.container()
        if found and found.state == "running" and found.port == self.port:
            self._wait_until_ready(show)
            return
        try:
            if found:
                self.project.remove(_STOP_GRACE_S)
            preflight.check_port(self.port, str(self.run))
            preflight.record(self.run, preflight.Record(self.port, "compose", self.project.name))
            say("Building the image, where something changed; the first time takes minutes")
            # The classic builder, docker-compose 1.29's, leaves the container of a step that fails or is interrupted.
            clean = [] if compose[-1] == "compose" else ["--force-rm"]
            self._compose(compose, "build", [*clean, docker.SERVICE], "The image could not be built", show)
            show("Starting LocalStack")
            arguments = ["--detach", "--no-build", docker.SERVICE]
            self._compose(compose, "up", arguments, "The container could not be started", show)
            self._wait_until_ready(show)
        except BaseException:
            stop_after_failure(self, say)
            raise

    def stop(self) -> bool:
        """Remove the project's containers, also those that ``docker compose`` started by hand; named volumes stay.

        Returns whether there were any.

        Raises:
            SetupError: Docker does not answer, or one of its commands failed. The containers that are left are
                forgotten all the same, so that ENGINE=host can start; their label tells whose they are.
        """
        try:
            there = self.project.remove(_STOP_GRACE_S)
        except SetupError as error:
            preflight.forget(self.run)
            raise SetupError(
                f"{error} What there is of containers of the compose project {self.project.name} stays: once Docker "
                f"answers, make down ENGINE=compose COMPOSE_PROJECT_NAME={self.project.name} removes them."
            ) from error
        preflight.forget(self.run)
        return there

    def end_reason(self) -> str | None:
        try:
            found = self.project.container()
            if found is None:
                recorded = preflight.recorded(self.run)
                return "LocalStack's container was removed; its data is gone" if recorded else None
            return self._end_of(found)
        except DockerError as error:
            if preflight.recorded(self.run) is None:
                raise
            raise NotRunningError(
                f"The sandbox was started in containers, and {error.what}: make up goes on once Docker answers, "
                "make down forgets them."
            ) from error

    def last_log_lines(self) -> list[str]:
        try:
            found = self.project.container()
            return compose_log.last(self.project.docker, found.id) if found else []
        except SetupError:
            return []

    def log_lines(self) -> Iterator[list[str]]:
        found = self.project.container()
        return compose_log.follow(self.project.docker, found.id) if found else iter(list, None)

    def _answers(self, container: Container) -> bool:
        return container.state == "running" and container.port == self.port and self._is_healthy()

    def _is_healthy(self) -> bool:
        health = preflight.health_at(self.port)
        return health is not None and health.get("status") == "ready"

    def _end_of(self, container: Container) -> str | None:
        if container.state == "running":
            return None
        state = self.project.state(container)
        if container.state not in ("exited", "dead"):
            return f"LocalStack's container is {container.state}"
        code = state["ExitCode"]
        how = f"was killed by signal {code - 128}" if code > 128 else f"ended with exit code {code}"
        if state["OOMKilled"]:
            how = "ran out of memory"
        return f"LocalStack's container {how} at {state['FinishedAt'][:19]}Z; its data is gone"

    def _wait_until_ready(self, show: Tell) -> None:
        show("Waiting for LocalStack")
        deadline = time.monotonic() + _START_LIMIT_S
        while True:
            found = self.project.container()
            if found is None:
                raise EngineError("LocalStack's container was removed while it started.")
            if self._answers(found):
                return
            if reason := self._end_of(found):
                raise EngineError(f"{reason.partition(';')[0]}: {self._last_words(found)}")
            if time.monotonic() > deadline:
                raise EngineError(
                    f"LocalStack did not answer at {self.endpoint} within {_START_LIMIT_S:.0f} s "
                    f"(see {self.where_log}): the machine may just be slow; run make up again. "
                    f"Where the Docker engine is another machine's its ports are not here: {_WITHOUT}."
                )
            time.sleep(_POLL_S)

    def _last_words(self, container: Container) -> str:
        lines = compose_log.last(self.project.docker, container.id)
        errors = [line.strip() for line in lines if "error" in line.lower()]
        return (errors or [line for line in lines if line.strip()] or ["it said nothing"])[-1]

    def _compose(self, compose: list[str], command: str, arguments: list[str], failure: str, show: Tell) -> None:
        """Run a command of compose, interruptible; all that it says goes to ``compose.log`` as well."""
        log = self.run / "compose.log"
        users = self.project.docker.environment
        switches = [f"{name}={value}" for name, value in users.items() if name.startswith("LOADSTACK_")]
        environment = {
            "ENGINE_SWITCHES": shlex.join(switches),
            **users,
            "PYTHONUNBUFFERED": "1",  # docker-compose 1.29 keeps what it says, into a pipe
            "PORT": str(self.port),
            "COMPOSE_PROJECT_NAME": self.project.name,  # the image has it in its name
        }
        with log.open("a" if command == "up" else "w") as kept:
            process = subprocess.Popen(
                [*compose, command, *arguments],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                process_group=0,  # the terminal's Ctrl-C is for us alone: we tell it once, and wait
            )
            said = compose_log.copy(process, kept, show)
        if process.returncode != 0:
            raise EngineError(f"{failure}: {compose_log.reason(said)} (see {log}); {_WITHOUT}.")
