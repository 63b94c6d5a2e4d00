"""What every deployer needs: the clients, what exists, what was packaged, and ids that only AWS knows."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from bootstrap.clients import Clients
from bootstrap.observed import Observed
from bootstrap.package import Artifacts
from bootstrap.references import Kind, Place, Ref, Value, arn_of, resolve

type Progress = Callable[[str, str], None]
"""Called with a resource's label (`function orders`) and what happened to it. May be called from any thread.
"""


def silent(resource: str, what: str) -> None:
    """The progress of somebody who does not want to know."""


class Outcome(StrEnum):
    """What `ensure` did."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


class StoppedError(Exception):
    """Another resource failed, or the user pressed Ctrl-C, while this one was waited for."""


@dataclass(frozen=True, slots=True)
class Context:
    """One deployment's state.

    `ids` holds what AWS chose: queue URLs, ARNs of layer versions, the REST API's id. A resource's id is
    written before any resource that refers to it begins, so no lock is needed.
    """

    clients: Clients
    artifacts: Artifacts
    observed: Observed
    ids: dict[Ref, str] = field(default_factory=dict)
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def place(self) -> Place:
        return self.clients.place

    def arn(self, ref: Ref) -> str:
        name = self.ids.get(ref) if ref.kind is Kind.REST_API else None
        return arn_of(ref, self.place, name=name)

    def resolve(self, value: Value) -> str:
        return resolve(value, self.arn)

    def wait_until(self, ready: Callable[[], bool], what: str, *, timeout_s: float = 30, every_s: float = 0.1) -> None:
        """Return as soon as `ready()`; botocore's own waiters cannot be interrupted.

        Raises:
            StoppedError: the deployment was stopped meanwhile.
            TimeoutError: not ready within about `timeout_s`.
        """
        for _ in range(round(timeout_s / every_s)):
            if ready():
                return
            if self.stop.wait(every_s):
                raise StoppedError(what)
        raise TimeoutError(f"{what} took more than {timeout_s:g} s")
