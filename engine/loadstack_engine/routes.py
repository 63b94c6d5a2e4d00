"""The engine's own HTTP routes, beside LocalStack's."""

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, NamedTuple

from localstack import constants
from localstack.http import Request, Response
from localstack.services.edge import ROUTER
from localstack.services.plugins import SERVICE_PLUGINS

from loadstack_engine import __version__
from loadstack_engine.concurrency import limits_of
from loadstack_engine.environment_pools import environments_by_function
from loadstack_engine.notices import NOTICES
from loadstack_engine.preload import PRELOAD
from loadstack_engine.settings import SETTINGS
from loadstack_engine.statistics import STATISTICS


def health(request: Request) -> Response:
    """Versions, the instance's mark, the state of each service that has been used, notices, and a ``status``.

    It is ``starting`` while services are loaded, then ``ready``, or what went wrong. Notices are ``{at, message}``:
    what has happened to the sandbox that nobody asked for.
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
            "notices": NOTICES.as_list(),
        }
    )


def functions(request: Request) -> Response:
    """The statistics of every function that was invoked, by name, and its pool of execution environments.

    ``idle`` ones are warm; ``busy`` ones run, or are awaited by, an invocation. ``?percentiles=0`` leaves out those of
    the durations, which take the most time: for who asks every second. ``throttles_by`` says what turned invocations
    away (see ``throttles``); ``reserved_concurrency`` is null where none is; ``maximum_concurrency`` has that of the
    function's mappings of queues, by the queue's name. Seconds add up over the invocations: see ``FunctionStatistics``.
    """
    found = STATISTICS.as_dict(percentiles=request.args.get("percentiles") != "0")
    for name, (idle, busy) in environments_by_function().items():
        if name in found:
            found[name] |= {"idle": idle, "busy": busy}
    for name, limits in limits_of(found).items():
        found[name] |= limits
    return _json(found)


def queues(request: Request) -> Response:
    """``{queues: [{name, region, account, visible, in_flight, delayed, oldest_age_s, feeds}]}``, LocalStack's own left
    out.

    The age is of the oldest message that is visible or in flight, in seconds; null where there is none. ``feeds`` are
    the functions that event source mappings feed from it.
    """
    from loadstack_engine.queue_depths import depth, functions_fed, users_queues

    fed = functions_fed()
    return _json(
        {
            "queues": [
                {
                    "name": queue.name,
                    "region": queue.region,
                    "account": queue.account_id,
                    **depth(queue)._asdict(),
                    "feeds": fed.get(queue.arn, []),
                }
                for queue in users_queues()
            ]
        }
    )


def processes(request: Request) -> Response:
    """``{processes, cpu_s, memory_bytes}`` by kind: ``localstack``, ``dynamodb-local``, ``functions``, ``other``.

    ``cpu_s`` never falls: it counts those that have ended too. ``memory_bytes`` counts what functions share once. A
    process that has just started may be missing for 2.5 s; its seconds are counted then.
    """
    from loadstack_engine.processes import ACCOUNTS

    return _json(
        {
            kind: {
                "processes": len(usage.processes),
                "cpu_s": round(usage.cpu_s, 2),
                "memory_bytes": usage.memory_bytes,
            }
            for kind, usage in sorted(ACCOUNTS.look(_LIST_AGE_S).items())
        }
    )


def usage(request: Request) -> Response:
    """What AWS would bill, since the start or the last reset: see ``loadstack_engine.usage.report``."""
    from loadstack_engine.usage import report

    if not SETTINGS.usage:
        return _error(
            HTTPStatus.NOT_FOUND, "Nothing is counted: LOADSTACK_USAGE=0 (or LOADSTACK_STOCK=1) turned it off."
        )
    return _json(report.as_dict())


def iam_calls(request: Request) -> Response:
    """What roles were asked for, since the start or the last reset: see ``loadstack_engine.iam.record``."""
    from loadstack_engine.iam.record import RECORD

    if not SETTINGS.iam:
        return _error(
            HTTPStatus.NOT_FOUND, "Nothing is recorded: LOADSTACK_IAM=0 (or LOADSTACK_STOCK=1) turned it off."
        )
    return _json(RECORD.as_dict())


def reset(request: Request) -> Response:
    """Empty all services; what the answer says: see ``loadstack_engine.reset.Outcome``. 500 where one is not empty."""
    from loadstack_engine.reset import RESET

    outcome = RESET.run()
    return _json(outcome.as_dict(), HTTPStatus.INTERNAL_SERVER_ERROR if outcome.failed else HTTPStatus.OK)


def metrics(request: Request) -> Response:
    """All figures for Prometheus."""
    from loadstack_engine import prometheus

    return Response(prometheus.page(), content_type=prometheus.CONTENT_TYPE)


# To find the processes takes a look at all there are on the machine: 5 ms where there are 150.
_LIST_AGE_S = 2.5


class _Route(NamedTuple):
    methods: tuple[str, ...]
    answer: Callable[[Request], Response]


_READ = ("GET", "HEAD")
_ROUTES = {
    "health": _Route(_READ, health),
    "functions": _Route(_READ, functions),
    "queues": _Route(_READ, queues),
    "processes": _Route(_READ, processes),
    "usage": _Route(_READ, usage),
    "iam/calls": _Route(_READ, iam_calls),
    "metrics": _Route(_READ, metrics),
    "reset": _Route(("POST",), reset),
}
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def _dispatch(request: Request, path: str = "", **_: Any) -> Response:
    route = _ROUTES.get(path)
    if route is None:
        known = ", ".join(f"/_loadstack/{name}" for name in _ROUTES)
        return _error(HTTPStatus.NOT_FOUND, f"No such route: {request.path}. There are {known}.")
    if request.method not in route.methods:
        response = _error(HTTPStatus.METHOD_NOT_ALLOWED, f"{request.path} takes {' and '.join(route.methods)}.")
        response.headers["Allow"] = ", ".join(route.methods)
        return response
    return route.answer(request)


def _error(status: HTTPStatus, message: str) -> Response:
    return _json({"error": {"code": status.name, "message": message}}, status)


def _json(value: Any, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return Response(json.dumps(value), status=status, mimetype="application/json")


def add() -> None:
    ROUTER.add("/_loadstack", _dispatch, methods=_METHODS)
    ROUTER.add("/_loadstack/<path:path>", _dispatch, methods=_METHODS)
