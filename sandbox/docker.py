"""Docker as this checkout sees it: whether an engine answers, and the containers of its compose project.

Standard library only: the set-up asks before anything is installed. Everything goes through the ``docker`` command, so
that contexts and ``DOCKER_HOST`` mean what they mean to the user.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

from sandbox.errors import SetupError, UsageError

SERVICE = "localstack"
INNER_PORT = 4566
_ANSWER_LIMIT_S = 10.0
_LABEL = "com.docker.compose"
_NAME = "COMPOSE_PROJECT_NAME"
_WITHOUT = "ENGINE=host does without Docker"
# What the docker command says of a socket that is not there, or that nobody listens on.
_NO_ENGINE = ("cannot connect to the docker daemon", "connection refused", "connect: no such file or directory")


class DockerError(SetupError):
    """Docker or Compose is missing, does not answer, or refused a command.

    ``what`` is that alone, in words that others can follow; ``is_absent`` tells that no engine is there at all, which
    is not worth a word where nobody asked for one.
    """

    def __init__(self, what: str, remedy: str = "", *, is_absent: bool = False) -> None:
        super().__init__(f"{what}{remedy}; {_WITHOUT}.")
        self.what = what
        self.is_absent = is_absent


@dataclass(frozen=True, slots=True)
class Docker:
    """The ``docker`` command with the environment that it runs in."""

    environment: Mapping[str, str]

    def run(self, arguments: Sequence[str], limit_s: float | None = None, *, errors_too: bool = False) -> str:
        """What it printed, with ``errors_too`` also on stderr.

        Raises:
            DockerError: there is no such command, it failed, or did not answer in time.
        """
        command = shutil.which("docker", path=self.environment.get("PATH", ""))
        if command is None:
            remedy = ": install Docker (https://docs.docker.com/engine/install)"
            raise DockerError("docker is missing", remedy, is_absent=True)
        limit_s = limit_s or _ANSWER_LIMIT_S
        what = " ".join(["docker", *takewhile(str.isalpha, arguments[:2])])
        try:
            done = subprocess.run(
                [command, *arguments],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=limit_s,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise DockerError(f"{what} does not answer within {limit_s:.0f} s") from error
        if done.returncode != 0:
            said = _last_line(done.stderr)
            failure = f"Docker does not answer ({said})" if what == "docker version" else f"{what} failed: {said}"
            raise DockerError(failure, is_absent=any(sign in said.lower() for sign in _NO_ENGINE))
        return done.stdout + done.stderr if errors_too else done.stdout

    def compose(self) -> list[str] | None:
        """``docker compose`` where the plugin is there, else ``docker-compose``, else None."""
        path = self.environment.get("PATH", "")
        try:
            self.run(["compose", "version"])
        except SetupError:
            standalone = shutil.which("docker-compose", path=path)
            return [standalone] if standalone else None
        return [str(shutil.which("docker", path=path)), "compose"]

    def require_compose(self) -> list[str]:
        """As `compose`; raises DockerError where there is none."""
        if found := self.compose():
            return found
        remedy = ": install its plugin (https://docs.docker.com/compose/install, 'apt-get install docker-compose')"
        raise DockerError("Docker answers, but Compose is missing", remedy)

    def require(self) -> None:
        """Raises DockerError where no engine answers, or compose is missing."""
        self.run(["version", "--format", "{{.Server.Version}}"])
        self.require_compose()

    def architecture(self) -> str:
        """The engine's, as Go calls it: ``amd64``, ``arm64``."""
        return self.run(["version", "--format", "{{.Server.Arch}}"]).strip()


@dataclass(frozen=True, slots=True)
class Container:
    """``port`` is the one of the host that leads to LocalStack, None where none does (now)."""

    id: str
    state: str
    folder: str
    port: int | None


@dataclass(frozen=True, slots=True)
class Project:
    """The compose project of a checkout, named as compose names it: the same as that of ``docker compose`` by hand."""

    name: str
    root: Path
    docker: Docker

    def container(self) -> Container | None:
        """LocalStack's container, running or not; None where there is none.

        Raises:
            DockerError: Docker does not answer.
            UsageError: it is another checkout's, whose folder has the same name.
        """
        found = self._containers(f"service={SERVICE}", "oneoff=False")
        if ours := [container for container in found if self._is_ours(container)]:
            return ours[0]
        if found:
            raise UsageError(
                f"The compose project {self.name} belongs to {found[0].folder}: give this checkout a name of its own, "
                "COMPOSE_PROJECT_NAME=…, and PORT=… for a port of its own."
            )
        return None

    def state(self, container: Container) -> dict[str, Any]:
        """What Docker tells of it: Status, ExitCode, OOMKilled, FinishedAt."""
        said = self.docker.run(["inspect", "--format", "{{json .State}}", container.id])
        state: dict[str, Any] = json.loads(said)
        return state

    def remove(self, grace_s: int) -> bool:
        """Stop and remove this checkout's containers of the project, and the network where no other container is on
        it; whether there were any containers. Named volumes stay, and what another folder's project of the same name
        started.

        By ``docker`` and not by compose, which would leave the services of a profile, and needs its file to be right.

        Raises:
            DockerError: Docker does not answer, or a command failed.
        """
        containers = [container.id for container in self._containers() if self._is_ours(container)]
        if containers:
            self.docker.run(["stop", "-t", str(grace_s), *containers], grace_s + _ANSWER_LIMIT_S)
            self.docker.run(["rm", "--force", "--volumes", *containers], grace_s + _ANSWER_LIMIT_S)
        for network in self.docker.run(["network", "ls", "--quiet", *self._filters("network=default")]).split():
            if not self.docker.run(["ps", "--all", "--quiet", f"--filter=network={network}"]).strip():
                self.docker.run(["network", "rm", network])
        return bool(containers)

    def _containers(self, *labels: str) -> list[Container]:
        form = '{{.ID}}\t{{.State}}\t{{.Label "' + _LABEL + '.project.working_dir"}}\t{{.Ports}}'
        said = self.docker.run(["ps", "--all", "--no-trunc", *self._filters(*labels), "--format", form])
        return [_container(line) for line in said.splitlines()]

    def _is_ours(self, container: Container) -> bool:
        return Path(container.folder).resolve() == self.root.resolve()  # compose keeps a symlink's name

    def _filters(self, *labels: str) -> list[str]:
        return [f"--filter=label={_LABEL}.{label}" for label in (f"project={self.name}", *labels)]


def _container(line: str) -> Container:
    container_id, state, folder, ports = line.split("\t")
    published = re.search(rf":(\d+)->{INNER_PORT}/tcp", ports)
    return Container(container_id, state, folder, int(published[1]) if published else None)


def project(root: Path, environment: Mapping[str, str], recorded: str | None = None) -> Project:
    """The checkout's project: ``COMPOSE_PROJECT_NAME``, what was started last, ``.env``'s, or the folder's name.

    Compose makes a name of a folder's by https://docs.docker.com/compose/how-tos/project-name/.

    Raises:
        UsageError: COMPOSE_PROJECT_NAME is none, or names another project than the one that was started.
    """
    asked = environment.get(_NAME) or (None if recorded else _from_env_file(root / ".env"))
    if asked and not re.fullmatch(r"[a-z0-9][-_a-z0-9]*", asked):
        raise UsageError(
            f"COMPOSE_PROJECT_NAME={asked} is no name of a project: give lower-case letters, digits, - and _, "
            "a letter or digit first."
        )
    if asked and recorded and asked != recorded:
        raise UsageError(
            f"This checkout's sandbox is the compose project {recorded}, not {asked}: make down first, or leave "
            "COMPOSE_PROJECT_NAME out. A second sandbox needs a clone of its own."
        )
    name = asked or recorded or re.sub(r"[^-_a-z0-9]", "", root.name.lower()).lstrip("_-")
    return Project(name, root, Docker(environment))


def _from_env_file(file: Path) -> str | None:
    """The name that compose finds there, where its environment has none."""
    try:
        lines = file.read_text(errors="replace").splitlines()
    except OSError:
        return None
    settings = (line.removeprefix("export ").partition("=") for line in lines)
    named = [value.strip().strip("'\"") for name, _, value in settings if name.strip() == _NAME]
    return named[-1] if named else None


def _last_line(text: str) -> str:
    """Without the request that the client sent, a URL of several lines, and without its question."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    last = re.sub(r'\b[A-Z]\w+ "[^"]*://[^"]*": ', "", lines[-1]) if lines else "it says nothing"
    return last.removesuffix(" Is the docker daemon running?").rstrip(".")
