"""Resource policies of functions: which service may call them."""

from collections.abc import Mapping
from typing import Any

from bootstrap.context import Context, Outcome
from bootstrap.resources import Permission


def ensure(context: Context, permission: Permission) -> Outcome:
    """Add the statement; one of the same id that differs is replaced, since Lambda cannot change it."""
    found = _statement(context, permission)
    if found and _matches(context, permission, found):
        return Outcome.UNCHANGED
    lambda_, function = context.clients.lambda_, permission.function.name
    if found:
        lambda_.remove_permission(FunctionName=function, StatementId=permission.statement_id)
    lambda_.add_permission(
        FunctionName=function,
        StatementId=permission.statement_id,
        Action="lambda:InvokeFunction",
        Principal=permission.principal,
        SourceArn=context.resolve(permission.source),
    )
    return Outcome.UPDATED if found else Outcome.CREATED


def _statement(context: Context, permission: Permission) -> Mapping[str, Any] | None:
    statements = context.observed.function_policy(permission.function.name)
    return next((each for each in statements if each["Sid"] == permission.statement_id), None)


def _matches(context: Context, permission: Permission, found: Mapping[str, Any]) -> bool:
    source = found.get("Condition", {}).get("ArnLike", {}).get("AWS:SourceArn")
    return bool(
        found["Principal"] == {"Service": permission.principal} and source == context.resolve(permission.source)
    )
