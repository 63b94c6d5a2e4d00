"""IAM's policies of a role, evaluated as AWS does: an explicit Deny, else an Allow, else nothing is allowed.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html

Conditions are not evaluated: a statement that allows is taken to, one that denies is not. Policy variables (``${…}``)
stand for anything. Permissions boundaries and the policies of organizations and of sessions are not looked at.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import product
from typing import Any

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_ESCAPED = {"*", "?", "$"}


class Decision(StrEnum):
    ALLOWED = "allowed"
    DENIED = "denied by a statement"
    NO_GRANT = "no grant"


@dataclass(frozen=True, slots=True)
class Pattern:
    """One of several texts with wildcards, or, ``negated`` (``NotAction``, ``NotResource``), none of them."""

    texts: tuple[str, ...]
    negated: bool = False

    def matches(self, value: str, *, fold: bool = False) -> bool:
        """Whole ``value``; with ``fold`` in any case, as actions are."""
        return any(_regex(text, fold).fullmatch(value) is not None for text in self.texts) != self.negated

    def each(self) -> "Iterator[Pattern]":
        """One for each text; those that are negated hold together."""
        if self.negated:
            yield self
        else:
            yield from (Pattern((text,)) for text in self.texts)

    def __str__(self) -> str:
        return f"{'all but ' if self.negated else ''}{', '.join(self.texts)}"


@dataclass(frozen=True, slots=True)
class Statement:
    policy: str
    allows: bool
    actions: Pattern
    resources: Pattern
    has_condition: bool = False

    def applies(self, action: str, resource: str | None) -> bool:
        """``resource`` None, unknown, is any."""
        return self.actions.matches(action, fold=True) and (resource is None or self.resources.matches(resource))


@dataclass(frozen=True, slots=True)
class Grant:
    """One action on one resource that statements allow; ``policy`` names the policies that they are in."""

    policy: str
    action: Pattern
    resource: Pattern

    def covers(self, action: str, resource: str | None) -> bool:
        return self.action.matches(action, fold=True) and (resource is None or self.resource.matches(resource))


@dataclass(frozen=True, slots=True)
class Role:
    name: str
    statements: tuple[Statement, ...]

    def decide(self, action: str, resource: str | None) -> Decision:
        """A call on a resource; None where it is not known: then any grant of the action will do."""
        applying = [each for each in self.statements if each.applies(action, resource)]
        if resource is not None and any(not each.allows and not each.has_condition for each in applying):
            return Decision.DENIED
        return Decision.ALLOWED if any(each.allows for each in applying) else Decision.NO_GRANT

    def grants(self) -> list[Grant]:
        """Everything that it allows, each once, in the order of its policies."""
        policies: dict[tuple[Pattern, Pattern], list[str]] = {}
        for statement in self.statements:
            if statement.allows:
                for grant in product(statement.actions.each(), statement.resources.each()):
                    policies.setdefault(grant, []).append(statement.policy)
        return [Grant(", ".join(dict.fromkeys(names)), *grant) for grant, names in policies.items()]


def statements_of(policy: str, document: Mapping[str, Any]) -> tuple[Statement, ...]:
    """The statements of a policy document, by the name of the policy."""
    return tuple(
        Statement(
            policy,
            each["Effect"] == "Allow",
            _pattern(each, "Action"),
            _pattern(each, "Resource"),
            bool(each.get("Condition")),
        )
        for each in _listed(document.get("Statement", ()))
    )


def _pattern(statement: Mapping[str, Any], element: str) -> Pattern:
    negated = f"Not{element}" in statement
    return Pattern(tuple(map(str, _listed(statement.get(f"Not{element}" if negated else element, ())))), negated)


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else [value]


@lru_cache(maxsize=4096)
def _regex(text: str, fold: bool) -> re.Pattern[str]:
    """``*`` is any text, ``?`` any character; ``${*}``, ``${?}`` and ``${$}`` are these characters themselves."""
    parts, end = [], 0
    for found in _VARIABLE.finditer(text):
        parts += [_wildcards(text[end : found.start()]), re.escape(found[1]) if found[1] in _ESCAPED else ".*"]
        end = found.end()
    parts.append(_wildcards(text[end:]))
    return re.compile("".join(parts), re.DOTALL | (re.IGNORECASE if fold else 0))


def _wildcards(text: str) -> str:
    return re.escape(text).replace(r"\*", ".*").replace(r"\?", ".")
