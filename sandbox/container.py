"""The engine as a container's main process, and the check whether it answers: ``python -m sandbox.container serve``."""

import os
import sys
from typing import Never

from sandbox import engine_environment, preflight, processes
from sandbox.errors import EXIT_FAILED, EXIT_OK
from sandbox.paths import RUN, SANDBOX

_PORT = 4566


def serve() -> Never:
    """Become LocalStack. It binds every interface of the container; which of the host's reach it, compose says."""
    public = f"127.0.0.1:{os.environ.get('PORT') or _PORT}"
    environment = engine_environment.create(SANDBOX, RUN, f"0.0.0.0:{_PORT}", public)
    environment[processes.MARK] = str(RUN)
    command = [str(SANDBOX.python), "-m", "localstack.runtime.main"]
    os.execve(command[0], command, environment)


def healthy() -> int:
    health = preflight.health_at(_PORT)
    return EXIT_OK if health and health["status"] == "ready" else EXIT_FAILED


if __name__ == "__main__":
    sys.exit(serve() if sys.argv[1:] == ["serve"] else healthy())
