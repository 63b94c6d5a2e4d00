"""What happened to an order, hop by hop: each a delivery to one function, with what its time went to.

| part | from | to |
|---|---|---|
| publish | the publisher hands the message over | the queue has it, or the state machine's next function starts |
| queue | the queue has it | Lambda receives it, for the first time |
| wait | Lambda, or API Gateway, has it | the function starts, but for its cold start |
| redelivery | instead of wait: earlier deliveries had failed, the queue held it back | the function starts |
| replay | instead of publish: the event is handed over for the first time | a replay has put it into the queue |
| cold | the environment's initialisation | |
| batch | the function starts | the records before it in the batch are done |
| run | its turn comes | it is done |

Of an invocation that neither a message nor a request led to (a sweep) the last three are known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.dead_letters.reasons import failure_in
from sandbox.trace.lines import Invocation, Invocations, Line

PARTS = ("publish", "replay", "queue", "wait", "redelivery", "cold", "batch", "run")
# What goes before this delivery: it stands in the table by when it came, not by when its message was published.
_BEFORE = {"replay", "redelivery"}
_DONE = "record done"
_MAILED = "mail is out"
_OUTCOMES = ("state", "status", "outcome")
_NONE = Invocation()


@dataclass(frozen=True, slots=True)
class Hop:
    """One delivery; times in milliseconds since 1970, `parts` in milliseconds by name, without those that took none.

    `begins_at` is when its message was published first, `came_at` when this delivery began: they differ for what came
    again or was replayed. `cause` is the request id of the invocation whose message it was; None where that is not
    known.
    """

    function: str
    request_id: str
    event: str
    begins_at: float
    came_at: float
    ends_at: float
    parts: Mapping[str, float]
    attempt: int
    says: tuple[str, ...]
    failure: str | None
    cause: str | None


@dataclass(frozen=True, slots=True)
class Journey:
    """`hops` in the order of a walk through the tree, each with its depth; `correlation_ids` as they came; `mailed_at`
    are the times of the mails, the first one first.
    """

    order_id: str
    correlation_ids: tuple[str, ...]
    hops: tuple[tuple[int, Hop], ...]
    mailed_at: tuple[float, ...]

    @property
    def begins_at(self) -> float:
        return min(hop.begins_at for _, hop in self.hops)

    @property
    def ends_at(self) -> float:
        return max(hop.ends_at for _, hop in self.hops)


def journey(order_id: str, lines: Sequence[Line], invocations: Invocations) -> Journey:
    """The journey that `lines` tell of; there must be one at least."""
    deliveries: dict[tuple[str, str, Any], list[Line]] = {}
    for line in lines:
        key = (line.function, line.request_id, line.content.get("message_id"))
        deliveries.setdefault(key, []).append(line)
    hops = [_hop(its, invocations.get(key[:2], _NONE)) for key, its in deliveries.items()]
    ids = dict.fromkeys(str(line.content["correlation_id"]) for line in lines if line.content.get("correlation_id"))
    mailed_at = tuple(sorted(float(line.at) for line in lines if line.content.get("message") == _MAILED))
    return Journey(order_id, tuple(ids), tuple(_walk(hops)), mailed_at)


def _hop(lines: Sequence[Line], invocation: Invocation) -> Hop:
    last = lines[-1]
    leg: Mapping[str, Any] = next((line.content["leg"] for line in reversed(lines) if line.content.get("leg")), {})
    done = next((line.at for line in lines if line.content.get("message") == _DONE or failure_in(line.content)), None)
    ended_at = done if done is not None and "queuedAt" in leg else invocation.ended_at
    is_replayed = any(line.content.get("replay") for line in lines)
    marks = _marks(leg, invocation, lines[0].at, is_replayed=is_replayed)
    ends_at = max(float(ended_at or last.at), marks[-1][0])
    failures = [reason for line in lines if (reason := failure_in(line.content))]
    return Hop(
        function=last.function,
        request_id=last.request_id,
        event=_event(lines, leg, is_replayed=is_replayed),
        begins_at=marks[0][0],
        came_at=_came_at(marks),
        ends_at=ends_at,
        parts=_parts(marks, ends_at),
        attempt=int(leg.get("attempt", 1)),
        says=tuple(_said(line.content) for line in lines if line.content.get("message") != _DONE),
        failure=invocation.failure or (failures[-1] if failures else None),
        cause=leg.get("cause"),
    )


def _event(lines: Sequence[Line], leg: Mapping[str, Any], *, is_replayed: bool) -> str:
    named = next((str(line.content["event_type"]) for line in lines if line.content.get("event_type")), None)
    event = named or ("request" if "receivedAt" in leg else "")
    return f"{event} (replayed)" if is_replayed else event


def _said(content: Mapping[str, Any]) -> str:
    outcome = next((str(content[name]) for name in _OUTCOMES if content.get(name)), "")
    message = str(content.get("message", ""))
    return f"{message}: {outcome}" if outcome else message


def _marks(
    leg: Mapping[str, Any], invocation: Invocation, first_line_at: int, *, is_replayed: bool
) -> list[tuple[float, str]]:
    """The part that begins at each time; where two clocks contradict each other, the later mark gives way."""
    started_at = leg.get("startedAt") or invocation.started_at or first_line_at
    told: list[tuple[float | None, str]] = [
        (leg.get("publishedAt"), "replay" if is_replayed else "publish"),
        (leg.get("queuedAt"), "queue"),
        (leg.get("receivedAt"), "redelivery" if int(leg.get("attempt", 1)) > 1 else "wait"),
    ]
    if invocation.init_ms:
        earliest = leg.get("receivedAt") or started_at - invocation.init_ms
        told.append((max(started_at - invocation.init_ms, earliest), "cold"))
    told += [(started_at, "batch"), (leg.get("takenAt") or started_at, "run")]
    marks: list[tuple[float, str]] = []
    for at, part in told:
        if at is not None:
            marks.append((max(float(at), marks[-1][0] if marks else 0.0), part))
    return marks


def _came_at(marks: Sequence[tuple[float, str]]) -> float:
    """The end of the last part that goes before the delivery; without one, the beginning. `run` is always the last."""
    before = [index for index, (_, part) in enumerate(marks) if part in _BEFORE]
    return marks[before[-1] + 1 if before else 0][0]


def _parts(marks: Sequence[tuple[float, str]], ends_at: float) -> dict[str, float]:
    ends = [at for at, _ in marks[1:]] + [ends_at]
    parts = {part: end - at for (at, part), end in zip(marks, ends, strict=True)}
    return {part: took for part, took in parts.items() if took > 0}


def _walk(hops: Sequence[Hop]) -> list[tuple[int, Hop]]:
    """Each hop after the one that caused it, those with the same cause by time."""
    ordered = sorted(hops, key=lambda hop: (hop.came_at, hop.ends_at))
    known = {hop.request_id for hop in ordered}
    children: dict[str | None, list[Hop]] = {}
    for hop in ordered:
        is_child = hop.cause in known and hop.cause != hop.request_id
        children.setdefault(hop.cause if is_child else None, []).append(hop)
    walked: list[tuple[int, Hop]] = []
    seen: set[int] = set()

    def visit(hop: Hop, depth: int) -> None:
        if id(hop) in seen:
            return
        seen.add(id(hop))
        walked.append((depth, hop))
        # Of an invocation that handled two records of the order, the first has below it what both caused.
        for child in children.pop(hop.request_id, ()):
            visit(child, depth + 1)

    # The second time for those that name each other as the cause: log lines are taken as they are.
    for hop in (*children.pop(None, ()), *ordered):
        visit(hop, 0)
    return walked
