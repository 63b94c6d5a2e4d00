"""Deliveries that are tried again as their retry policy says, and end in a dead-letter queue."""

import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from loadstack_engine.agenda import AGENDA, Agenda
from loadstack_engine.epoch import EPOCH
from loadstack_engine.failures import Failure, failure_of
from loadstack_engine.settings import SETTINGS

LOG = logging.getLogger(__name__)

_DOUBLINGS = 9  # 185 retries at up to 512 s apart span the 24 hours that AWS gives them by default


@dataclass(frozen=True)
class RetryPolicy:
    """AWS's defaults, of EventBridge rules and of the Scheduler.

    Attributes:
        retries: after the first attempt, 0 to 185.
        age_s: how long a delivery is tried at all, 60 to 86,400.
    """

    retries: int = 185
    age_s: int = 86_400

    @classmethod
    def of(cls, target: dict[str, Any]) -> "RetryPolicy":
        """What a target's ``RetryPolicy`` says; the default for what it leaves out."""
        declared = target.get("RetryPolicy") or {}
        return cls(declared.get("MaximumRetryAttempts", 185), declared.get("MaximumEventAgeInSeconds", 86_400))


@dataclass
class Delivery:
    """Something to deliver.

    Attributes:
        send: makes one attempt; its argument is the attempt's number, from 1.
        give_up: takes what is left in the end: the last failure, the attributes of a dead letter about it.
        retries: made so far.
    """

    name: str
    send: Callable[[int], object]
    give_up: Callable[[Failure, dict[str, str]], object]
    policy: RetryPolicy
    accepted: float = field(default_factory=time.monotonic)
    retries: int = 0


class Redelivery:
    """Makes deliveries, the first attempt on the caller's thread, further ones when the agenda says.

    Args:
        base_s: the back-off before the first retry; it doubles with each, up to 512 times this, less a random half.
    """

    def __init__(self, agenda: Agenda, base_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._agenda = agenda
        self._base_s = base_s
        self._clock = clock

    def deliver(self, delivery: Delivery) -> None:
        """Attempt it; never raises for what the target does."""
        try:
            delivery.send(delivery.retries + 1)
        except Exception as error:
            self._failed(delivery, failure_of(error))

    def _failed(self, delivery: Delivery, failure: Failure) -> None:
        LOG.info("%s was not delivered: %s %s", delivery.name, failure.code, failure.message)
        remaining = delivery.accepted + delivery.policy.age_s - self._clock()
        exhausted = None
        if failure.retriable:
            exhausted = _exhausted(delivery, remaining)
            if exhausted is None:
                self._retry_later(delivery, failure, remaining)
                return
        try:
            delivery.give_up(failure, _attributes(failure, delivery, exhausted))
        except Exception as error:
            LOG.warning("%s is lost, its dead-letter queue did not take it: %s", delivery.name, error)

    def _retry_later(self, delivery: Delivery, failure: Failure, remaining: float) -> None:
        if self._agenda.stopped:
            LOG.warning("%s is lost, it could not be delivered before the end: %s", delivery.name, failure.message)
            return
        back_off = self._base_s * 2.0 ** min(delivery.retries, _DOUBLINGS) * random.uniform(0.5, 1)
        self._agenda.later(min(back_off, remaining), lambda: self._retry(delivery, failure), at_stop=True)

    def _retry(self, delivery: Delivery, failure: Failure) -> None:
        if EPOCH.is_over_for(delivery.accepted):
            return
        if delivery.accepted + delivery.policy.age_s <= self._clock():
            self._failed(delivery, failure)
            return
        delivery.retries += 1
        self.deliver(delivery)


def _exhausted(delivery: Delivery, remaining: float) -> str | None:
    if delivery.retries >= delivery.policy.retries:
        return "MaximumRetryAttempts"
    return "MaximumEventAgeInSeconds" if remaining <= 0 else None


def _attributes(failure: Failure, delivery: Delivery, exhausted: str | None) -> dict[str, str]:
    condition = {"EXHAUSTED_RETRY_CONDITION": exhausted} if exhausted else {}
    return {"ERROR_MESSAGE": failure.message, "RETRY_ATTEMPTS": str(delivery.retries), **condition}


REDELIVERY = Redelivery(AGENDA, SETTINGS.event_retry_base_s)
