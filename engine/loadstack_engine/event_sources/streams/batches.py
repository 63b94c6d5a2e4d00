"""A batch of a stream's records until it is done with: retries, bisection, discarding.

Knows nothing of LocalStack: what invokes, waits and tells the time is handed in.
https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html
"""

from dataclasses import dataclass
from typing import Any, Protocol

from loadstack_engine.event_sources.streams.records import StreamRecord

_FIRST_WAIT_S = 0.1
_LONGEST_WAIT_S = 10.0

AGE_EXCEEDED = "RecordAgeExceeded"
RETRIES_EXHAUSTED = "RetryAttemptsExhausted"


@dataclass(frozen=True)
class Policy:
    """None is no limit: until the function succeeds. ``most_age_s`` in seconds since the record was written."""

    bisect: bool = False
    most_retries: int | None = None
    most_age_s: int | None = None


@dataclass(frozen=True)
class Answer:
    """``first_failed`` is the index of the record to go on from; None when all are done. ``whole`` when all failed."""

    first_failed: int | None = None
    whole: bool = False
    report: dict[str, Any] | None = None


class NotInvokedError(Exception):
    """The batch did not reach the function (throttled, say): this is no attempt."""


class Surroundings(Protocol):
    def invoke(self, records: list[StreamRecord]) -> Answer:
        """
        Raises:
            NotInvokedError
        """

    def done(self, last: StreamRecord) -> None:
        """Everything up to this record is done with."""

    def discard(
        self, condition: str, records: list[StreamRecord], invocations: int, report: dict[str, Any] | None
    ) -> None:
        """Report them to the on-failure destination, if there is one."""

    def wait(self, seconds: float) -> bool:
        """Whether to go on; False as soon as the mapping is stopped."""

    def now(self) -> float: ...


@dataclass
class _Piece:
    records: list[StreamRecord]
    failures: int = 0
    invocations: int = 0
    report: dict[str, Any] | None = None


def process(records: list[StreamRecord], policy: Policy, around: Surroundings) -> None:
    """Go on until each record was processed, discarded, or the mapping is stopped; strictly in order."""
    pieces = [_Piece(records)]
    waits = 0
    while pieces and around.wait(0):
        piece = pieces.pop()
        _discard_old(piece, policy, around)
        if not piece.records:
            continue
        try:
            answer = around.invoke(piece.records)
        except NotInvokedError:
            pieces.append(piece)
        else:
            rest = _after(piece, answer, policy, around)
            pieces += reversed(rest)
            if len(rest) != 1:  # done, or bisected: nothing to wait for
                waits = 0
                continue
        if not around.wait(min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2**waits)):
            return
        waits += 1


def _after(piece: _Piece, answer: Answer, policy: Policy, around: Surroundings) -> list[_Piece]:
    """What is still to do of a piece that was invoked with."""
    if answer.first_failed is None:
        around.done(piece.records[-1])
        return []
    piece.invocations += 1
    piece.report = answer.report
    if answer.first_failed > 0:
        around.done(piece.records[answer.first_failed - 1])
        piece.records = piece.records[answer.first_failed :]
    elif answer.whole and policy.bisect and len(piece.records) > 1:
        return _halves(piece)  # "splitting a batch does not count towards the retry quota"
    piece.failures += 1
    if policy.most_retries is not None and piece.failures > policy.most_retries:
        around.discard(RETRIES_EXHAUSTED, piece.records, piece.invocations, piece.report)
        around.done(piece.records[-1])
        return []
    return [piece]


def _halves(piece: _Piece) -> list[_Piece]:
    middle = len(piece.records) // 2
    return [
        _Piece(half, piece.failures, piece.invocations, piece.report)
        for half in (piece.records[:middle], piece.records[middle:])
    ]


def _discard_old(piece: _Piece, policy: Policy, around: Surroundings) -> None:
    """Records are in the order they were written: the old ones come first."""
    if policy.most_age_s is None:
        return
    oldest = around.now() - policy.most_age_s
    old = 0
    while old < len(piece.records) and piece.records[old].born < oldest:
        old += 1
    if old:
        around.discard(AGE_EXCEEDED, piece.records[:old], piece.invocations, piece.report)
        around.done(piece.records[old - 1])
        piece.records = piece.records[old:]
