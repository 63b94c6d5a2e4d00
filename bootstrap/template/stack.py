"""A stack's resources as CloudFormation has them, in the order of the declaration."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bootstrap.buckets import Bucket, BucketNotification
from bootstrap.errors import DeclarationError
from bootstrap.references import Kind
from bootstrap.resources import EventSourceMapping, Function, Resource, Stack
from bootstrap.rest_api import RestApi
from bootstrap.streams import StreamMapping
from bootstrap.template import code, data, messages, monitoring, rest_api, state_machines
from bootstrap.template.names import logical_id

type Rendered = dict[str, dict[str, Any]]

_ALONE: Mapping[Kind, Callable[[Any], dict[str, Any]]] = {
    Kind.TABLE: data.table,
    Kind.SECRET: data.secret,
    Kind.EMAIL_IDENTITY: data.email_identity,
    Kind.LOG_GROUP: data.log_group,
    Kind.QUEUE: messages.queue,
    Kind.QUEUE_POLICY: messages.queue_policy,
    Kind.EVENT_BUS: messages.event_bus,
    Kind.ARCHIVE: messages.archive,
    Kind.RULE: messages.rule,
    Kind.TOPIC: messages.topic,
    Kind.SUBSCRIPTION: messages.subscription,
    Kind.ROLE: code.role,
    Kind.LAYER: code.layer,
    Kind.PERMISSION: code.permission,
    Kind.ALARM: monitoring.alarm,
    Kind.DASHBOARD: monitoring.dashboard,
    Kind.STATE_MACHINE: state_machines.state_machine,
}


def resources(stack: Stack) -> Rendered:
    """By logical id.

    Raises:
        DeclarationError: two resources have one logical id, for which one of them needs another name.
    """
    rendered: Rendered = {}
    for declared in stack.resources:
        for name, resource in _rendered(stack, declared):
            if name in rendered:
                raise DeclarationError([f"{declared.ref}: another resource has the logical id {name} too: rename one."])
            rendered[name] = resource
    return rendered


def _rendered(stack: Stack, declared: Resource) -> Iterator[tuple[str, dict[str, Any]]]:
    match declared:
        case RestApi():
            yield from rest_api.rest_api(declared)
        case Bucket():
            told = tuple(each for each in stack.of(BucketNotification) if each.bucket == declared.ref)
            yield from data.bucket(declared, told).items()
        case Function():
            yield logical_id(declared.ref), code.function(declared, _sources(stack, declared))
        case EventSourceMapping() | StreamMapping() | BucketNotification():
            pass  # in their function, or their bucket
        case _:
            yield logical_id(declared.ref), _ALONE[declared.kind](declared)


def _sources(stack: Stack, function: Function) -> tuple[EventSourceMapping | StreamMapping, ...]:
    return tuple(
        each
        for each in stack.resources
        if isinstance(each, EventSourceMapping | StreamMapping) and each.function == function.ref
    )
