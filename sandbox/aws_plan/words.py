"""What the user says: stack, flow, parameters, confirmation. Checked before anything is asked or built."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sandbox import preflight
from sandbox.errors import UsageError
from sandbox.own_stack import parameters

DEFAULT_STACK = "loadstack-shop"
FLOW = "Flow"
_STACK = re.compile(r"[A-Za-z][-A-Za-z0-9]{0,127}")
_ACCOUNT = re.compile(r"[0-9]{12}")


@dataclass(frozen=True, slots=True)
class Words:
    """`confirmed` is the account that the user names, None where nothing is confirmed; `parameters` are the template's,
    by name, those alone that the user gives.
    """

    stack: str
    confirmed: str | None
    parameters: Mapping[str, str]


def read(environment: Mapping[str, str]) -> Words:
    """Raises UsageError for a word that cannot be right, whatever the template and the account."""
    stack = environment.get("STACK") or DEFAULT_STACK
    if not _STACK.fullmatch(stack):
        raise UsageError(f"STACK={stack} is no name for a stack: a letter, then letters, digits and hyphens.")
    confirmed = environment.get("CONFIRM") or None
    if confirmed and not _ACCOUNT.fullmatch(confirmed):
        raise UsageError(f"CONFIRM={confirmed} is no account: give its 12 digits, as make aws-plan without it tells.")
    given = parameters.parse(environment.get("PARAMETERS") or "")
    if flow := preflight.flow(environment):
        if given.get(FLOW, flow) != flow:
            raise UsageError(f"FLOW={flow} and PARAMETERS={FLOW}={given[FLOW]} contradict each other: give one.")
        given = {**given, FLOW: flow.value}
    return Words(stack, confirmed, given)
