"""What is too wide in what a role may do: wildcards, but where AWS makes up a part of the ARN.

- a stream's ARN ends in the time at which it was turned on:
  https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
- a secret's in six random characters:
  https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_iam-policies.html
- a log group's names its streams, which Lambda names by day and environment:
  https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html
- objects of a bucket are named by who puts them; a grant says under what
- some actions are on nothing that has an ARN, and are granted on ``*``: those without a resource type in
  https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

import re
from collections.abc import Iterator, Mapping

from bootstrap.references import Arn, Kind, Value
from bootstrap.resources import Role, Stack, Table

_WIDE = re.compile(r"[*?]")
_NEEDED: Mapping[Kind, tuple[str, str]] = {
    Kind.TABLE: (r"/stream/\*", 'arn("/stream/*") is the widest there is'),
    Kind.SECRET: (r"-\?{6}", 'arn("-??????") is the widest there is'),
    Kind.LOG_GROUP: (r":\*", 'arn(":*") is the widest there is'),
    Kind.BUCKET: (r"/[^*?]+/\*", 'say under what its objects are: arn("/uploads/*")'),
}
# Those that functions call.
_ON_NOTHING = frozenset(
    {
        "cloudwatch:GetMetricData",
        "cloudwatch:GetMetricStatistics",
        "cloudwatch:ListMetrics",
        "cloudwatch:PutMetricData",
        "secretsmanager:BatchGetSecretValue",
        "secretsmanager:GetRandomPassword",
        "states:SendTaskFailure",
        "states:SendTaskHeartbeat",
        "states:SendTaskSuccess",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    }
)


def grants(stack: Stack) -> Iterator[str]:
    """Grants of roles on more than is named, and on indexes that are not there."""
    for role in stack.of(Role):
        for statement in role.statements:
            for action in statement.actions:
                if _WIDE.search(action):
                    yield f"{role.ref}: {action} is a wildcard: name the actions."
            for resource in statement.resources:
                if resource == "*" and _ON_NOTHING.issuperset(statement.actions):
                    continue
                yield from (f"{role.ref}: {line}" for line in _resource(stack, resource))


def _resource(stack: Stack, resource: Value) -> Iterator[str]:
    if not isinstance(resource, Arn):
        if _WIDE.search(str(resource)):
            yield f"{resource} is a wildcard: name the resource."
        return
    declared, suffix = stack.find(resource.ref), resource.suffix
    if _WIDE.search(suffix):
        pattern, advice = _NEEDED.get(resource.ref.kind, ("", "name the resource"))
        if not re.fullmatch(pattern, suffix):
            yield f"{suffix} of {resource.ref} is a wildcard: {_index_advice(declared, suffix) or advice}."
    elif isinstance(declared, Table) and (name := _index(suffix)) and name not in _names(declared):
        yield f"{resource.ref} has no index {name}."


def _index(suffix: str) -> str:
    """The index that an ARN's suffix names; "" where it names none."""
    return suffix.removeprefix("/index/") if suffix.startswith("/index/") else ""


def _names(table: Table) -> list[str]:
    return [index.name for index in table.indexes]


def _index_advice(declared: object, suffix: str) -> str:
    if not isinstance(declared, Table) or not _index(suffix):
        return ""
    return f"name the index, {' or '.join(_names(declared)) or 'of which it has none'}"
