"""Calls held against roles: what has no grant, and which grants nobody used."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sandbox.iam.policies import Decision, Grant, Role


@dataclass(frozen=True, slots=True)
class Call:
    """What a role was asked for ``count`` times; ``caller`` as people call it, ``resource`` None where it is unknown.

    ``why`` is empty of what was called; else it says what of the configuration asks for it.
    """

    role: str
    caller: str
    action: str
    resource: str | None
    count: int = 1
    why: str = ""


@dataclass(frozen=True, slots=True)
class Missing:
    """A call that AWS would refuse."""

    call: Call
    reason: str


@dataclass(frozen=True, slots=True)
class Unused:
    """A grant that no call needed."""

    role: str
    grant: Grant


@dataclass(frozen=True, slots=True)
class Result:
    """Of the roles that were held against the calls, by name: how many grants each has."""

    grants: Mapping[str, int]
    calls: Sequence[Call]
    missing: Sequence[Missing]
    unused: Sequence[Unused]

    @property
    def ok(self) -> bool:
        return not self.missing


def check(roles: Mapping[str, Role], calls: Iterable[Call], welcome: Iterable[Call] = ()) -> Result:
    """Roles by name; calls of a role that is not there are missing all of them. What is ``welcome`` uses a grant that
    is there, and misses none.
    """
    made = sorted(set(calls), key=lambda call: (call.role, call.caller, call.action, call.resource or ""))
    missing = []
    allowed: dict[str, list[Call]] = {}
    for call in made:
        role = roles.get(call.role)
        decision = role.decide(call.action, call.resource) if role else None
        if decision is Decision.ALLOWED:
            allowed.setdefault(call.role, []).append(call)
        else:
            missing.append(Missing(call, "there is no such role" if decision is None else str(decision)))
    for call in welcome:
        allowed.setdefault(call.role, []).append(call)
    unused = [
        Unused(name, grant)
        for name, role in sorted(roles.items())
        for grant in role.grants()
        if not any(grant.covers(call.action, call.resource) for call in allowed.get(name, ()))
    ]
    return Result({name: len(role.grants()) for name, role in sorted(roles.items())}, made, missing, unused)
