"""``POST /_loadstack/reset``: all data of all services gone, the stack kept.

1. What waits is dropped, and a new epoch begins: events, retries and messages accepted before are void.
2. Running invocations are waited for, ten seconds at most, and what they send meanwhile is dropped too.
3. Every service that was used is emptied.

Requests that come in meanwhile are served; of what they write, some may be gone. What comes after the answer stays.
"""

import logging
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from localstack.services.plugins import SERVICE_PLUGINS

from loadstack_engine import async_invocations
from loadstack_engine.agenda import AGENDA
from loadstack_engine.epoch import EPOCH
from loadstack_engine.iam.record import RECORD
from loadstack_engine.reset import dynamodb, stores
from loadstack_engine.statistics import STATISTICS
from loadstack_engine.usage.meter import USAGE
from loadstack_engine.usage.pollers import POLLERS

LOG = logging.getLogger(__name__)

_WAIT_LIMIT_S = 10.0
_POLL_S = 0.005
# An invocation may send an event that starts another: so many links of a chain are waited for under constant load,
# where there is no quiet moment.
_ROUNDS = 3

_EMPTIED = {
    "stepfunctions": stores.stop_executions,
    "dynamodb": dynamodb.empty,
    "s3": stores.empty_buckets,
    "sqs": stores.purge_queues,
    "logs": stores.empty_log_groups,
    "cloudwatch": stores.forget_metrics,
    "events": stores.empty_archives,
    "lambda": async_invocations.forget_events,
    "apigateway": stores.forget_requests,
    "ses": stores.forget_mail,
    "sns": stores.forget_messages,
}


@dataclass
class Outcome:
    """What a reset did.

    Attributes:
        waited_s: for running invocations.
        running: invocations that were still running after ten seconds, by function.
        failed: what went wrong, by service; the others are empty.
    """

    started: float = field(default_factory=time.monotonic)
    waited_s: float = 0.0
    running: dict[str, int] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """``status`` is ``ok``; ``running`` where invocations went on; ``failed`` where a service is not empty."""
        return {
            "status": "failed" if self.failed else "running" if self.running else "ok",
            "took_ms": round((time.monotonic() - self.started) * 1000, 1),
            "waited_ms": round(self.waited_s * 1000, 1),
            "running": self.running,
            "failed": self.failed,
        }


class Reset:
    """One at a time: a second one waits for the first, then does its own."""

    def __init__(self) -> None:
        self._one = threading.Lock()

    def run(self) -> Outcome:
        """Never raises for what a service does: see :class:`Outcome`."""
        with self._one:
            outcome = Outcome()
            self._each({"sqs": stores.purge_queues, "stepfunctions": stores.stop_executions}, outcome)
            outcome.running = _wait(outcome.started + _WAIT_LIMIT_S)
            outcome.waited_s = time.monotonic() - outcome.started
            EPOCH.begin()
            self._each(_EMPTIED, outcome)
            EPOCH.begin()
            USAGE.clear()
            POLLERS.clear()
            RECORD.clear()
            return outcome

    def _each(self, emptied: dict[str, Any], outcome: Outcome) -> None:
        for service, empty in emptied.items():
            if not SERVICE_PLUGINS.is_running(service):
                continue
            try:
                empty()
            except Exception as error:
                LOG.warning("Reset: %s is not empty: %s", service, error, exc_info=LOG.isEnabledFor(logging.DEBUG))
                outcome.failed[service] = str(error) or type(error).__name__


def _wait(deadline: float) -> dict[str, int]:
    """Until nothing runs; under load, until what ran at the beginning has ended. What still runs of that in the end."""
    left: frozenset[int] = frozenset()
    for _ in range(_ROUNDS):
        EPOCH.begin()
        before = STATISTICS.running()
        while (left := before & STATISTICS.running()) and time.monotonic() < deadline:
            time.sleep(_POLL_S)
        AGENDA.drain(max(0.0, deadline - time.monotonic()))
        stores.purge_queues()
        if left or not STATISTICS.running():
            break
    return STATISTICS.names_of(left)


RESET = Reset()
