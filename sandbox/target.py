"""Which stack a command works on, from ``ENDPOINT``, ``PORT`` and ``ENGINE`` in the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import urllib3
from botocore.exceptions import BotoCoreError, ClientError

from bootstrap.clients import Clients
from sandbox import engine_choice, preflight
from sandbox.compose_engine import ComposeEngine
from sandbox.engines import Engine
from sandbox.errors import NotRunningError, UsageError
from sandbox.host_engine import HostEngine
from sandbox.paths import ROOT, RUN, SANDBOX

_TIMEOUT_S = 5


@dataclass(frozen=True)
class Target:
    """An AWS-compatible endpoint; ``engine`` is ours, or None where somebody else runs what answers there."""

    endpoint: str
    engine: Engine | None

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
        """Something answers, and as AWS does; what else it lacks the command will say."""
        try:
            with urllib3.PoolManager(timeout=_TIMEOUT_S, retries=False) as http:
                http.request("HEAD", self.endpoint)
        except urllib3.exceptions.HTTPError as error:
            raise nothing_answers(self.endpoint, error) from error
        try:
            Clients(self.endpoint).sqs.list_queues(MaxResults=1)
        except (BotoCoreError, ClientError) as error:
            said = str(error).split("<")[0].strip().rstrip(":")  # not the page of some web server
            raise NotRunningError(f"What answers at {self.endpoint} is no AWS endpoint with SQS: {said}.") from error


def nothing_answers(endpoint: str, error: BaseException) -> NotRunningError:
    """In the words of the system's error at the bottom of it, where there is one: ``connection refused``."""
    return NotRunningError(f"Nothing answers at {endpoint} ({_in_words(error)}).")


def _in_words(error: BaseException) -> str:
    reason: BaseException | None = error
    while reason:
        if isinstance(reason, OSError) and reason.strerror:
            return reason.strerror.lower()
        if isinstance(reason, TimeoutError):
            return f"no answer within {_TIMEOUT_S} s"
        reason = reason.__cause__ or reason.__context__
    return type(error).__name__


def from_environment(environment: Mapping[str, str] = os.environ, *, starts: bool = False) -> Target:
    """The target of this command, which ``starts`` the sandbox where none runs, or only works on it.

    Without ``PORT`` and ``ENGINE`` it is the sandbox that this checkout started last, on whatever port, with whatever
    engine: see :func:`sandbox.engine_choice.choose`.

    Raises:
        UsageError: a variable is wrong, or names another port or engine than the running sandbox's.
    """
    if endpoint := environment.get("ENDPOINT"):
        return Target(_checked(endpoint), None)
    choice = engine_choice.choose(environment, RUN, ROOT, starts=starts)
    if choice.project:
        return _of(ComposeEngine(RUN, choice.port, choice.project))
    recorded = preflight.recorded(RUN)
    if recorded and recorded.port != choice.port and HostEngine(RUN, recorded.port, SANDBOX).is_ready():
        raise engine_choice.other_port(recorded.port, choice.port)
    return _of(HostEngine(RUN, choice.port, SANDBOX))


def _of(engine: Engine) -> Target:
    return Target(engine.endpoint, engine)


def _checked(endpoint: str) -> str:
    try:
        parts = urlsplit(endpoint)
        parts.port  # noqa: B018  # raises where it is none
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"ENDPOINT={endpoint} is no URL of an AWS endpoint: give e.g. http://127.0.0.1:4566.")
    return endpoint.rstrip("/")
