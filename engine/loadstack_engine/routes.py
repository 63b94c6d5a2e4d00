"""The engine's own HTTP routes, beside LocalStack's."""

import json
from typing import Any

from localstack import constants
from localstack.http import Request, Response
from localstack.services.edge import ROUTER
from localstack.services.plugins import SERVICE_PLUGINS

from loadstack_engine import __version__
from loadstack_engine.environment_pools import environments_by_function
from loadstack_engine.preload import PRELOAD
from loadstack_engine.settings import SETTINGS
from loadstack_engine.statistics import STATISTICS


def health(request: Request, **_: Any) -> Response:
    """Versions, the instance's mark, the state of each service that has been used, and a ``status``.

    It is ``starting`` while services are loaded, then ``ready``, or what went wrong.
    """
    status = (PRELOAD.failure or "ready") if PRELOAD.over.is_set() else "starting"
    states = {name: state.value for name, state in SERVICE_PLUGINS.get_states().items()}
    used = {name: state for name, state in sorted(states.items()) if state not in ("available", "disabled")}
    return _json(
        {
            "status": status,
            "engine": __version__,
            "localstack": constants.VERSION,
            "instance": SETTINGS.instance,
            "services": used,
        }
    )


def functions(request: Request, **_: Any) -> Response:
    """The statistics of every function that was invoked, by name, and its pool of execution environments.

    ``idle`` ones are warm; ``busy`` ones run, or are awaited by, an invocation.
    """
    found = STATISTICS.as_dict()
    for name, (idle, busy) in environments_by_function().items():
        if name in found:
            found[name] |= {"idle": idle, "busy": busy}
    return _json(found)


def _json(value: Any) -> Response:
    return Response(json.dumps(value), mimetype="application/json")


def add() -> None:
    ROUTER.add("/_loadstack/health", health, methods=["GET"])
    ROUTER.add("/_loadstack/functions", functions, methods=["GET"])
