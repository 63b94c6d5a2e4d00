"""IAM policy documents from statements, as the JSON objects that AWS stores."""

from collections.abc import Callable, Sequence
from typing import Any

from bootstrap.references import Value
from bootstrap.resources import Role, Statement

VERSION = "2012-10-17"
NAME = "permissions"
"""The inline policy of each role."""
type Policy = dict[str, Any]


def document(statements: Sequence[Statement], resolve: Callable[[Value], object]) -> Policy:
    """The policy document; `resolve` turns values into strings (ARNs at deployment, intrinsics in a
    template).
    """
    return {"Version": VERSION, "Statement": [_statement(each, resolve) for each in statements]}


def trust(role: Role) -> Policy:
    """Who may assume the role."""
    principal = {"Service": role.service}
    return {
        "Version": VERSION,
        "Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}],
    }


def _statement(statement: Statement, resolve: Callable[[Value], object]) -> dict[str, Any]:
    rendered: dict[str, Any] = {"Sid": statement.sid} if statement.sid else {}
    rendered |= {"Effect": "Allow"}
    if statement.principal:
        rendered["Principal"] = {"Service": statement.principal}
    rendered["Action"] = list(statement.actions)
    rendered["Resource"] = [resolve(resource) for resource in statement.resources]
    if statement.source:
        rendered["Condition"] = {"ArnLike": {"aws:SourceArn": resolve(statement.source)}}
    return rendered
