"""Which engine a command works with: the host's or compose's. Standard library only: the set-up asks as well."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sandbox import docker, preflight
from sandbox.docker import DockerError
from sandbox.errors import SetupError, UsageError

HOST = "host"
COMPOSE = "compose"
_ENGINES = (HOST, COMPOSE)


@dataclass(frozen=True, slots=True)
class Choice:
    """``project`` is compose's, None for the host's engine; ``why`` that is the default, where a Docker is lame."""

    engine: str
    port: int
    project: docker.Project | None = None
    why: str | None = None


def choose(environment: Mapping[str, str], run: Path, root: Path, *, starts: bool = True) -> Choice:
    """What was started from this checkout and not stopped; else ``ENGINE``; else compose where a Docker engine answers
    and compose is there; else the host's. ``PORT`` moves it, where it does not run yet.

    A command that ``starts`` nothing asks Docker only where an engine answers that may be the one of a
    ``docker compose up`` by hand: else none runs, and the host's says so at once.

    Raises:
        UsageError: ENGINE, PORT or COMPOSE_PROJECT_NAME is none, or names another than the one that was started.
    """
    asked = environment.get("ENGINE") or None
    if asked not in (None, *_ENGINES):
        raise UsageError(
            f"ENGINE={asked} is unknown: use ENGINE=host or ENGINE=compose, or ENDPOINT=http://… for what already runs."
        )
    wanted = environment.get("PORT")
    port = preflight.port_from(wanted) if wanted else None
    recorded = preflight.recorded(run)
    if recorded and asked not in (None, recorded.engine):
        raise UsageError(
            f"This checkout's sandbox was started with ENGINE={recorded.engine}: make down ends it; to use it, "
            f"leave ENGINE={asked} out."
        )
    why = None
    if not (engine := recorded.engine if recorded else asked):
        if starts or _answers_another(port or preflight.DEFAULT_PORT, run):
            lame = _not_compose(environment)
            why = _explained(lame) if lame else None
            engine = HOST if lame else COMPOSE
        else:
            engine = HOST
    port = port or (recorded.port if recorded else None)
    if engine == HOST:
        return Choice(HOST, port or preflight.DEFAULT_PORT, why=why)
    project = docker.project(root, environment, recorded.project if recorded else None)
    published = _published(project) if wanted or not recorded else None
    if port and published and port != published:
        raise other_port(published, port)
    return Choice(COMPOSE, port or published or preflight.DEFAULT_PORT, project)


def other_port(runs: int, asked: int) -> UsageError:
    return UsageError(
        f"This checkout's sandbox runs on port {runs}, not {asked}: make down first, or leave PORT out. "
        "A second sandbox needs a clone of its own."
    )


def check(choice: Choice, run: Path, environment: Mapping[str, str]) -> None:
    """What must hold before the engine is started: its port is free, or its own; compose and Docker are there.

    Raises:
        UsageError: the compose project is another checkout's, or DATA is wrong, or not for this engine.
        SetupError: the port is taken; or Docker or compose is missing or does not answer.
    """
    if choice.project:
        found = choice.project.container()
        choice.project.docker.require_compose()
        if found and found.port == choice.port:
            return
        preflight.data(environment)
    elif preflight.data(environment) != "memory":
        raise UsageError("DATA=volume is for ENGINE=compose: on the host tables are in memory. Leave it out.")
    preflight.check_port(choice.port, str(run))


def check_endpoint(environment: Mapping[str, str]) -> None:
    """Raises UsageError where ``make up`` is asked for an engine of its own on an endpoint of somebody else's."""
    engine, endpoint = environment.get("ENGINE"), environment.get("ENDPOINT")
    if engine and endpoint:
        raise UsageError(
            f"ENGINE={engine} starts a LocalStack, and ENDPOINT={endpoint} uses one that runs: give one of them."
        )


def _not_compose(environment: Mapping[str, str]) -> DockerError | None:
    try:
        docker.Docker(environment).require()
    except DockerError as error:
        return error
    return None


def _explained(lame: DockerError) -> str | None:
    if lame.is_absent:
        return None
    return f"{lame.what}, so LocalStack runs on the host (ENGINE=host: without asking Docker)."


def _answers_another(port: int, run: Path) -> bool:
    """Whether an engine answers there that is not the one of this run folder: a container's has one of its own."""
    return preflight.instance_at(port) not in (None, str(run))


def _published(project: docker.Project) -> int | None:
    """The port of a stack that was started by ``docker compose up``, without us."""
    try:
        found = project.container()
    except (SetupError, UsageError):  # told when it matters
        return None
    return found.port if found else None
