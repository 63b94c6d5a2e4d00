"""This engine in a container: the service ``localstack`` of docker-compose.yml, as ``make up ENGINE=compose`` has it.

Our mark finds its processes only for root on the Linux machine that Docker's engine runs on. What they use, it tells
itself.
"""

import hashlib
import json
import os
import urllib.request
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

import click

from benchmarks import usage
from benchmarks.contenders import localstack
from benchmarks.contenders.base import Place
from benchmarks.errors import ContenderError
from benchmarks.stack import Clients, EmulatedStack, create
from benchmarks.usage import Cpu, Kind
from sandbox import processes
from sandbox.compose_engine import ComposeEngine
from sandbox.docker import Docker, Project
from sandbox.errors import SandboxError, SetupError
from sandbox.paths import ROOT

# Not another clone's, which would take it for its own.
_PROJECT = f"loadstack-bench-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]}"
_KINDS: dict[str, Kind] = {"localstack": "emulator", "dynamodb-local": "dynamodb"}  # all else is functions'
_REMOVE_LIMIT_S = 30.0
_ANSWER_LIMIT_S = 10.0


class InContainer:
    """One container, of an image that is built where something changed."""

    def __init__(self, place: Place) -> None:
        self.port = place.port
        self.mark = str(place.run)
        self._docker = Docker({**os.environ, processes.MARK: self.mark})
        self._engine = ComposeEngine(place.run, place.port, Project(_PROJECT, ROOT, self._docker))
        self._aws = Clients(self._engine.endpoint)
        self.clients: Clients | None = self._aws
        self._begun = False

    def start(self) -> None:
        try:
            self._docker.run(["info"])
            self._begun = True
            self._engine.run.mkdir(parents=True, exist_ok=True)
            self._engine.stop()  # of a run that was killed
            self._engine.start()
            self._aws("dynamodb").list_tables()
        except SandboxError as error:
            raise ContenderError(str(error)) from error
        except BaseException:
            self.stop()
            raise

    def deploy(self) -> EmulatedStack:
        return create(self._aws)

    def terminate(self) -> None:
        with suppress(SetupError):
            if found := self._engine.project.container():
                self._docker.run(["kill", "--signal=TERM", found.id])

    def stop(self) -> None:
        """Never raises: the others' figures are worth more. What could not be removed is told in a line."""
        self._aws.close()
        if not self._begun:
            return
        try:
            self._engine.stop()
            self._remove("volume", f"label=com.docker.compose.project={_PROJECT}")
            self._remove("image", f"reference=loadstack:{_PROJECT}")
            self._begun = False
        except SandboxError as error:
            click.echo(f"The container of {_PROJECT} could not be removed: {error}", err=True)

    def _remove(self, kind: str, which: str) -> None:
        if found := self._docker.run([kind, "ls", "--quiet", f"--filter={which}"]).split():
            self._docker.run([kind, "rm", *found], _REMOVE_LIMIT_S)

    def cpu(self) -> Cpu:
        """Also of processes that have ended.

        Raises:
            OSError: it does not answer.
        """
        with urllib.request.urlopen(f"{self._engine.endpoint}/_loadstack/processes", timeout=_ANSWER_LIMIT_S) as answer:
            told = json.loads(answer.read())
        used: Counter[Kind] = Counter()
        for name, figures in told.items():
            used[_KINDS.get(name, "functions")] += figures["cpu_s"]
        return usage.beside_machine(used)

    def kind(self, command: Sequence[str]) -> Kind:
        return localstack.kind(command)
