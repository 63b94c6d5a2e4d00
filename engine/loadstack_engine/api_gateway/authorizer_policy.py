"""The policy that a Lambda authorizer returns, evaluated for one method.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html
"""

import re
from enum import Enum, auto
from functools import lru_cache
from typing import Any

_ACTION = "execute-api:invoke"


class Decision(Enum):
    ALLOW = auto()
    DENY = auto()
    """A statement denies it."""
    NO_STATEMENT = auto()
    """No statement speaks of it, which denies it, too."""


class MalformedPolicyError(Exception):
    """No policy document that API Gateway could read; says what is wrong."""


def check(document: Any) -> None:
    """
    Raises:
        MalformedPolicyError: a statement lacks an effect, an action or a resource, or there are none.
    """
    for statement in _statements(document):
        if statement.get("Effect") not in ("Allow", "Deny"):
            raise MalformedPolicyError(f"Effect is neither Allow nor Deny: {statement.get('Effect')!r}")
        for name in ("Action", "Resource"):
            values = _texts(statement.get(name, statement.get(f"Not{name}")))
            if not values or not all(isinstance(value, str) for value in values):
                raise MalformedPolicyError(f"{name} is neither text nor a list of it: {statement.get(name)!r}")


def decide(document: Any, method_arn: str) -> Decision:
    """A statement that denies wins over all that allow.

    Conditions are not evaluated: a statement with one denies where it says so, and allows nothing.
    """
    effects = {
        statement["Effect"]
        for statement in _statements(document)
        if _applies(statement, "Action", _ACTION) and _applies(statement, "Resource", method_arn)
        if statement["Effect"] == "Deny" or not statement.get("Condition")
    }
    if "Deny" in effects:
        return Decision.DENY
    return Decision.ALLOW if effects else Decision.NO_STATEMENT


def _statements(document: Any) -> list[dict[str, Any]]:
    statements = document.get("Statement") if isinstance(document, dict) else None
    if isinstance(statements, dict):
        return [statements]
    if not (isinstance(statements, list) and statements and all(isinstance(each, dict) for each in statements)):
        raise MalformedPolicyError(f"No list of statements: {document!r}")
    return statements


def _applies(statement: dict[str, Any], element: str, value: str) -> bool:
    """Actions have no case; ``NotAction`` and ``NotResource`` are all but what they name."""
    ignore_case = element == "Action"
    if element in statement:
        return any(_pattern(each, ignore_case).fullmatch(value) for each in _texts(statement[element]))
    return not any(_pattern(each, ignore_case).fullmatch(value) for each in _texts(statement[f"Not{element}"]))


def _texts(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


@lru_cache(maxsize=1024)
def _pattern(text: str, ignore_case: bool) -> re.Pattern[str]:
    """``*`` is any text, also across slashes, ``?`` one character."""
    parts = (".*" if part == "*" else "." if part == "?" else re.escape(part) for part in re.split(r"([*?])", text))
    return re.compile("".join(parts), re.DOTALL | (re.IGNORECASE if ignore_case else 0))
