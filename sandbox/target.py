"""Which stack a command works on, from ``ENDPOINT``, ``PORT`` and ``ENGINE`` in the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import urllib3

from sandbox import preflight
from sandbox.errors import NotRunningError, UsageError
from sandbox.host_engine import HostEngine
from sandbox.paths import RUN, SANDBOX

_TIMEOUT_S = 5


@dataclass(frozen=True)
class Target:
    """An AWS-compatible endpoint; ``engine`` is ours, or None where somebody else runs what answers there."""

    endpoint: str
    engine: HostEngine | None

    @property
    def api_url(self) -> str:
        return f"{self.endpoint}/_aws/execute-api/shop/dev"

    def require_running(self) -> None:
        """Raises NotRunningError, with the reason where the engine died."""
        if self.engine is None:
            self._require_answer()
            return
        if self.engine.is_ready():
            return
        reason = self.engine.end_reason()
        raise NotRunningError(f"{reason or 'The sandbox is not running'}: make up starts it.")

    def _require_answer(self) -> None:
        """Whatever it answers: what else is wrong with an endpoint of somebody else's, the command will say."""
        try:
            with urllib3.PoolManager(timeout=_TIMEOUT_S, retries=False) as http:
                http.request("HEAD", self.endpoint)
        except urllib3.exceptions.HTTPError as error:
            raise NotRunningError(f"Nothing answers at {self.endpoint} ({type(error).__name__}).") from error


def from_environment(environment: Mapping[str, str] = os.environ) -> Target:
    """The target of this command.

    Without ``PORT`` it is the sandbox that this checkout started last, on whatever port.

    Raises:
        UsageError: a variable is wrong, or names another port than the running sandbox's.
    """
    name = environment.get("ENGINE") or "host"
    if name == "compose":
        raise UsageError(
            "ENGINE=compose is not there yet. Run 'docker compose up' by itself, then use it with "
            "ENDPOINT=http://127.0.0.1:4566."
        )
    if name != "host":
        raise UsageError(f"ENGINE={name} is unknown: use ENGINE=host, or ENDPOINT=http://… for what already runs.")
    if endpoint := environment.get("ENDPOINT"):
        return Target(_checked(endpoint), None)
    port = _port(environment.get("PORT"))
    return Target(f"http://127.0.0.1:{port}", HostEngine(RUN, port, SANDBOX))


def _port(asked: str | None) -> int:
    recorded = preflight.recorded_port(RUN)
    if not asked:
        return recorded or preflight.DEFAULT_PORT
    port = preflight.port_from(asked)
    if recorded not in (None, port) and HostEngine(RUN, recorded, SANDBOX).is_ready():
        raise UsageError(
            f"This checkout's sandbox runs on port {recorded}, not {port}: make down first, or leave PORT out. "
            "A second sandbox needs a clone of its own."
        )
    return port


def _checked(endpoint: str) -> str:
    try:
        parts = urlsplit(endpoint)
        parts.port  # noqa: B018  # raises where it is none
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"ENDPOINT={endpoint} is no URL of an AWS endpoint: give e.g. http://127.0.0.1:4566.")
    return endpoint.rstrip("/")
