"""One module a kind of resource. Each has `ensure(context, resource) -> Outcome`: describe, compare, and
create, update in place or leave. `ensure` below finds the right one.
"""

from collections.abc import Callable, Mapping
from typing import Any

from bootstrap.context import Context, Outcome
from bootstrap.deployers import (
    archives,
    buckets,
    event_source_mappings,
    events,
    functions,
    layers,
    logs,
    mail,
    monitoring,
    permissions,
    queues,
    rest_apis,
    roles,
    secrets,
    state_machines,
    stream_mappings,
    tables,
    topics,
)
from bootstrap.references import Kind
from bootstrap.resources import Resource

_ENSURE: Mapping[Kind, Callable[[Context, Any], Outcome]] = {
    Kind.TABLE: tables.ensure,
    Kind.SECRET: secrets.ensure,
    Kind.EMAIL_IDENTITY: mail.ensure,
    Kind.LOG_GROUP: logs.ensure,
    Kind.QUEUE: queues.ensure,
    Kind.QUEUE_POLICY: queues.ensure_policy,
    Kind.EVENT_BUS: events.ensure_bus,
    Kind.ARCHIVE: archives.ensure,
    Kind.RULE: events.ensure_rule,
    Kind.TOPIC: topics.ensure,
    Kind.SUBSCRIPTION: topics.ensure_subscription,
    Kind.ROLE: roles.ensure,
    Kind.LAYER: layers.ensure,
    Kind.FUNCTION: functions.ensure,
    Kind.EVENT_SOURCE_MAPPING: event_source_mappings.ensure,
    Kind.STREAM_MAPPING: stream_mappings.ensure,
    Kind.PERMISSION: permissions.ensure,
    Kind.REST_API: rest_apis.ensure,
    Kind.ALARM: monitoring.ensure_alarm,
    Kind.DASHBOARD: monitoring.ensure_dashboard,
    Kind.STATE_MACHINE: state_machines.ensure,
    Kind.BUCKET: buckets.ensure,
    Kind.BUCKET_NOTIFICATION: buckets.ensure_notification,
}


def ensure(context: Context, resource: Resource) -> Outcome:
    """Bring `resource` to what it is declared as; what is declared already is left alone.

    Raises:
        botocore.exceptions.BotoCoreError, ClientError: the endpoint refused or did not answer.
        TimeoutError: AWS took the change but did not finish it.
    """
    return _ENSURE[resource.kind](context, resource)
