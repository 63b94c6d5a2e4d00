"""How far this machine's clock is from the stack's, told by SQS: a message says when the stack took it.

A message that left at t0 and was answered at t1 was taken in between, so the stack's clock is ahead of ours by at
least `taken - t1` and by at most `taken + 1 ms - t0` (SQS cuts its SentTimestamp to milliseconds). Several messages
narrow that down to what all of them allow (K. Marzullo's algorithm, as NTP has it, without the false tickers).
All AWS services, and all parts of a sandbox, are taken to have one clock.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from botocore.exceptions import BotoCoreError, ClientError

from loadtests.stack import Stack

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MESSAGES: Final = 8
RECEIVE_AT_MOST: Final = 10
_CUT_S: Final = 0.001

_GRAIN_S: Final = 2.0**-20
"""About a microsecond."""


@dataclass(frozen=True, slots=True)
class Offset:
    """The stack's clock is ahead of ours by `ahead_s`, give or take `uncertainty_s`.

    `shift_s` is what to add to our times to have the stack's: 0 where the clocks may well be the same. It is a multiple
    of a power of two, coarser than epoch seconds are as doubles, so that a time that is shifted there and back is the
    same: an arrival at the very beginning of the window stays in it.
    """

    ahead_s: float
    uncertainty_s: float

    @property
    def shift_s(self) -> float:
        return round(self.ahead_s / _GRAIN_S) * _GRAIN_S if abs(self.ahead_s) > self.uncertainty_s else 0.0

    @classmethod
    def between(cls, least_s: float, most_s: float) -> Self:
        """The middle of what is possible. Bounds that exclude each other (a clock was set meanwhile) are taken in
        their right order.
        """
        return cls((least_s + most_s) / 2, abs(most_s - least_s) / 2)


def estimate(stack: Stack, queue_url: str, now: Callable[[], float] = time.time) -> Offset | None:
    """Send messages into a queue that nobody else reads from, take them out, and return what they say.

    None where the stack does not answer, or does not say when it took a message.
    """
    try:
        sent = dict(_send(stack.sqs, queue_url, now) for _ in range(MESSAGES))
        taken = _taken(stack.sqs, queue_url)
    except (BotoCoreError, ClientError):
        return None
    return narrowed([(*sent[message], at) for message, at in taken.items() if message in sent])


def narrowed(exchanges: Sequence[tuple[float, float, float]]) -> Offset | None:
    """The offset that exchanges `(left, answered, taken)` allow; None without any. `taken` is of the stack's clock."""
    if not exchanges:
        return None
    least_s = max(taken - answered for _, answered, taken in exchanges)
    most_s = min(taken + _CUT_S - left for left, _, taken in exchanges)
    return Offset.between(least_s, most_s)


def _send(sqs: SQSClient, queue_url: str, now: Callable[[], float]) -> tuple[str, tuple[float, float]]:
    left = now()
    message = sqs.send_message(QueueUrl=queue_url, MessageBody="what time is it?")["MessageId"]
    return message, (left, now())


def _taken(sqs: SQSClient, queue_url: str) -> dict[str, float]:
    """When SQS took each message, by its id; as many receives as there may be messages in a standard queue's parts."""
    found: dict[str, float] = {}
    for _ in range(MESSAGES):
        answer = sqs.receive_message(
            QueueUrl=queue_url,
            MaxNumberOfMessages=RECEIVE_AT_MOST,
            WaitTimeSeconds=1,
            MessageSystemAttributeNames=["SentTimestamp"],
        )
        for message in answer.get("Messages", []):
            if "SentTimestamp" in message.get("Attributes", {}):
                found[message["MessageId"]] = int(message["Attributes"]["SentTimestamp"]) / 1000
        if len(found) >= MESSAGES or not answer.get("Messages"):
            break
    return found
