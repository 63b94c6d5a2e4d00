"""CloudWatch log groups and their retention."""

from contextlib import suppress

from bootstrap.context import Context, Outcome
from bootstrap.resources import LogGroup


def ensure(context: Context, group: LogGroup) -> Outcome:
    """Create the group, or correct its retention. Lambda may have made the group by itself: then without
    retention.
    """
    logs = context.clients.logs
    found = context.observed.log_groups().get(group.name)
    if found and found.get("retentionInDays") == group.retention_in_days:
        return Outcome.UNCHANGED
    if not found:
        # A function may have logged, and so made the group, since the groups were listed.
        with suppress(logs.exceptions.ResourceAlreadyExistsException):
            logs.create_log_group(logGroupName=group.name)
    logs.put_retention_policy(logGroupName=group.name, retentionInDays=group.retention_in_days)
    return Outcome.UPDATED if found else Outcome.CREATED
