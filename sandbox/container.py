"""The main processes of docker-compose.yml's containers: ``python -m sandbox.container serve``. Settings come from the
environment.
"""

import os
import resource
import shlex
import sys
from collections.abc import Callable, Mapping
from typing import Never

from sandbox import engine_environment, preflight, processes
from sandbox.errors import EXIT_OK, SandboxError, UsageError
from sandbox.paths import HOME, RUN, SANDBOX

_PORT = 4566
_DATA = HOME / "data"


def serve() -> Never:
    """Become LocalStack. It binds every interface of the container; which of the host's reach it, compose says."""
    where_tables_are = storage(os.environ)
    os.environ.update(switches(os.environ.get("ENGINE_SWITCHES", "")))
    public = f"127.0.0.1:{os.environ.get('PORT') or _PORT}"
    environment = {
        **engine_environment.create(SANDBOX, RUN, f"0.0.0.0:{_PORT}", public),
        **where_tables_are,
        processes.MARK: os.environ.get(processes.MARK) or str(RUN),  # make bench counts what bears its own
    }
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # each function process takes four descriptors
    command = [str(SANDBOX.python), "-m", "localstack.runtime.main"]
    os.execve(command[0], command, environment)


def switches(words: str) -> dict[str, str]:
    """``LOADSTACK_TMP=0 LOADSTACK_SDK=0`` as variables: compose can hand on one of a name, and not all of a prefix.

    Raises:
        UsageError: a word is no such switch.
    """
    try:
        found = [word.partition("=") for word in shlex.split(words)]
    except ValueError as error:
        raise UsageError(f"ENGINE_SWITCHES={words}: {error}.") from error
    for name, equals, _ in found:
        if not (equals and name.startswith("LOADSTACK_")):
            raise UsageError(f"ENGINE_SWITCHES has {name}: give words as LOADSTACK_TMP=0, with spaces between them.")
    return {name: value for name, _, value in found}


def storage(environment: Mapping[str, str]) -> dict[str, str]:
    """Where DynamoDB Local keeps its tables; UsageError for a DATA that is neither."""
    if preflight.data(environment) == "memory":
        return {}
    return {"DYNAMODB_IN_MEMORY": "0", "LOADSTACK_DYNAMODB_DATA": str(_DATA)}


def locust_master() -> int:
    """Become Locust's master, with the web UI on every interface of the container; a wrong word is an exit code."""
    from sandbox import load

    if checked := load.check_ui(os.environ, "--reports=/tmp"):  # the rest cannot be written
        return checked
    host = os.environ.get("HOST") or f"http://127.0.0.1:{_PORT}"
    page = ["--master", f"--host={host}", f"--web-port={preflight.DEFAULT_UI_PORT}", *load.page_options(os.environ)]
    print(f"Open http://127.0.0.1:{preflight.ui_port(os.environ)}", flush=True)  # noqa: T201
    os.execv(load.LOCUST[0], [*load.LOCUST, *page])


def locust_worker() -> Never:
    """Become a worker of the service ``locust-master``."""
    from sandbox import load

    os.execv(load.LOCUST[0], [*load.LOCUST, "--worker", "--master-host=locust-master"])


def layers() -> int:
    """While the image is built: install the layers' packages, which no change of a function asks for again."""
    from rich.console import Console

    from sandbox import artifacts

    artifacts.install_dependencies(Console())
    return EXIT_OK


_COMMANDS: Mapping[str, Callable[[], int]] = {
    "serve": serve,
    "layers": layers,
    "locust-master": locust_master,
    "locust-worker": locust_worker,
}


def main(arguments: list[str]) -> int:
    """Run the command that the one argument names; a failure is one line."""
    try:
        return _COMMANDS[" ".join(arguments)]()
    except SandboxError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
