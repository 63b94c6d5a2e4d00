"""EventBridge: archives of a bus."""

import json
from typing import Any

from bootstrap.archives import Archive
from bootstrap.context import Context, Outcome


def ensure(context: Context, archive: Archive) -> Outcome:
    """Create the archive, or correct its pattern and retention; the events in it stay."""
    events = context.clients.events
    if archive.name not in context.observed.archives():
        create(context, archive)
        return Outcome.CREATED
    found: Any = events.describe_archive(ArchiveName=archive.name)
    pattern = json.loads(found["EventPattern"]) if found.get("EventPattern") else None
    if pattern == archive.event_pattern and found.get("RetentionDays", 0) == archive.retention_days:
        return Outcome.UNCHANGED
    events.update_archive(**_settings(archive))
    return Outcome.UPDATED


def create(context: Context, archive: Archive) -> None:
    """It has the bus's events from now on."""
    context.clients.events.create_archive(EventSourceArn=context.arn(archive.event_bus), **_settings(archive))


def _settings(archive: Archive) -> Any:
    pattern = {"EventPattern": json.dumps(archive.event_pattern)} if archive.event_pattern is not None else {}
    return {"ArchiveName": archive.name, "RetentionDays": archive.retention_days, **pattern}
